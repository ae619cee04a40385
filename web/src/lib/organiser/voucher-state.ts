import type { Voucher } from '#shared/tickets/voucher.ts';

/** Whether a voucher gives something at `nowMs`, the server's time, and why not. */
export type VoucherValidity = 'active' | 'disabled' | 'used_up' | 'not_yet' | 'over';

export function voucherState(
  voucher: Pick<Voucher, 'disabled' | 'held' | 'used' | 'maxTickets' | 'validFrom' | 'validUntil'>,
  nowMs: number,
): VoucherValidity {
  if (voucher.disabled) return 'disabled';
  if (voucher.validUntil !== null && nowMs >= Date.parse(voucher.validUntil)) return 'over';
  if (voucher.maxTickets !== null && voucher.held + voucher.used >= voucher.maxTickets) return 'used_up';
  return voucher.validFrom !== null && nowMs < Date.parse(voucher.validFrom) ? 'not_yet' : 'active';
}
