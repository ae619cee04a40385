import type { VoucherState } from './voucher-state.ts';

/** A voucher without a discount and without limits, but for `more`. */
export function voucher(more: Partial<VoucherState> = {}): VoucherState {
  return {
    id: 'v1',
    code: 'FRIENDS',
    key: 'FR1ENDS',
    percentOff: null,
    amountOff: null,
    opens: [],
    ticketTypes: null,
    maxTickets: null,
    maxTicketsPerUser: null,
    validFrom: null,
    validUntil: null,
    disabled: false,
    held: 0,
    used: 0,
    ...more,
  };
}
