import type { CheckoutOutcome } from '#shared/checkout.ts';
import { deadlineTime } from '#lib/format/dates.ts';
import { formatMoney } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';

/** The outcome of a payment attempt as a title. */
export function outcomeTitle({ outcome }: CheckoutOutcome): string {
  switch (outcome) {
    case 'open':
      return m.paid_title_open();
    case 'checking':
      return m.paid_title_checking();
    case 'confirmed':
      return m.paid_title_confirmed();
    case 'declined':
      return m.paid_title_declined();
    case 'abandoned':
      return m.paid_title_abandoned();
    case 'late_refunding':
    case 'late_refunded':
      return m.paid_title_late();
    case 'unused_refunding':
    case 'unused_refunded':
      return m.paid_title_unused();
    case 'refunding':
    case 'refunded':
      return m.paid_title_refund();
    default:
      return outcome satisfies never;
  }
}

/** The outcome of a payment attempt in full: what happened, whether money was taken, and what happens to the seats. */
export function outcomeWords({ outcome, total, seats, heldUntil, timeZone }: CheckoutOutcome, nowMs: number): string {
  const amount = formatMoney(total);
  const time = heldUntil === null ? null : deadlineTime(heldUntil, timeZone, nowMs);
  switch (outcome) {
    case 'open':
      return time === null ? m.paid_abandoned_gone() : m.paid_open_held({ time });
    case 'checking':
      return m.paid_checking();
    case 'confirmed':
      return m.paid_confirmed({ amount, count: seats });
    case 'declined':
      return time === null ? m.paid_declined_gone() : m.paid_declined_held({ time });
    case 'abandoned':
      return time === null ? m.paid_abandoned_gone() : m.paid_abandoned_held({ time });
    case 'late_refunding':
      return m.end_late_refunding({ amount });
    case 'late_refunded':
      return m.end_late_refunded({ amount });
    case 'unused_refunding':
      return m.paid_unused_refunding({ amount });
    case 'unused_refunded':
      return m.paid_unused_refunded({ amount });
    case 'refunding':
      return m.end_refunding({ amount });
    case 'refunded':
      return m.end_refunded({ amount });
    default:
      return outcome satisfies never;
  }
}
