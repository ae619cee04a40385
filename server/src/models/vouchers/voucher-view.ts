import type { Voucher } from '#shared/tickets/voucher.ts';
import type { VoucherDoc } from './voucher.ts';

/** The voucher as organisers receive it. */
export function toVoucher(doc: VoucherDoc): Voucher {
  return {
    id: doc._id.toHexString(),
    eventId: doc.eventId.toHexString(),
    code: doc.code,
    percentOff: doc.percentOff,
    amountOff: doc.amountOff,
    opens: doc.opens,
    ticketTypes: doc.ticketTypes,
    maxTickets: doc.maxTickets,
    maxTicketsPerUser: doc.maxTicketsPerUser,
    validFrom: doc.validFrom?.toISOString() ?? null,
    validUntil: doc.validUntil?.toISOString() ?? null,
    note: doc.note,
    disabled: doc.disabled,
    held: doc.held,
    used: doc.used,
    createdAt: doc.createdAt.toISOString(),
  };
}
