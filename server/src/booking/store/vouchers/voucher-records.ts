import type { VoucherDoc } from '#server/models/vouchers/voucher.ts';
import type { VoucherState } from '../../rules/vouchers/voucher-state.ts';

/** A stored voucher as the rules see it. */
export function toVoucherState(doc: VoucherDoc): VoucherState {
  return {
    id: doc._id.toHexString(),
    code: doc.code,
    key: doc.key,
    percentOff: doc.percentOff,
    amountOff: doc.amountOff,
    opens: doc.opens,
    ticketTypes: doc.ticketTypes,
    maxTickets: doc.maxTickets,
    maxTicketsPerUser: doc.maxTicketsPerUser,
    validFrom: doc.validFrom,
    validUntil: doc.validUntil,
    disabled: doc.disabled,
    held: doc.held,
    used: doc.used,
  };
}
