import type { Db } from 'mongodb';
import { Types } from 'mongoose';
import type { VoucherDoc } from '#server/models/vouchers/voucher.ts';
import { voucherKey } from '#server/booking/rules/code.ts';

/** A voucher's terms; absent ones limit nothing. */
export type VoucherTerms = Pick<VoucherDoc, 'code'> &
  Partial<
    Pick<VoucherDoc, 'percentOff' | 'amountOff' | 'maxTickets' | 'maxTicketsPerUser' | 'validFrom' | 'validUntil'>
  > & { opens?: readonly string[]; ticketTypes?: readonly string[] | null };

/** Stores unused vouchers of an event. */
export async function addVouchers(database: Db, eventId: string, list: readonly VoucherTerms[]): Promise<void> {
  if (list.length === 0) return;
  const made = { createdBy: new Types.ObjectId(), requestId: new Types.ObjectId().toHexString(), requestDigest: '' };
  const docs = list.map(({ code, opens = [], ticketTypes = null, ...terms }, number): VoucherDoc => ({
    _id: new Types.ObjectId(),
    eventId: Types.ObjectId.createFromHexString(eventId),
    code,
    key: voucherKey(code),
    percentOff: null,
    amountOff: null,
    maxTickets: null,
    maxTicketsPerUser: null,
    validFrom: null,
    validUntil: null,
    ...terms,
    opens: [...opens],
    ticketTypes: ticketTypes && [...ticketTypes],
    note: '',
    disabled: false,
    held: 0,
    used: 0,
    ...made,
    number,
    createdAt: new Date(0),
  }));
  await database.collection<VoucherDoc>('vouchers').insertMany(docs);
}
