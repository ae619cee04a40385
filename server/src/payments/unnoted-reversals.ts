import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { PaymentProvider, Reversal } from './provider.ts';

/** Pages of a hundred: a bound for a provider that lists without end. */
const MAX_PAGES = 200;

interface Unnoted {
  payment: PaymentDoc;
  reversal: Reversal;
}

/**
 * Refunds and disputes that the provider lists since then, and that the payment does not have, or has in another state:
 * their webhook was lost or is still under way.
 */
export async function* findUnnoted(
  { payments }: Pick<Models, 'payments'>,
  provider: Pick<PaymentProvider, 'name' | 'listReversalsSince'>,
  since: Date,
): AsyncGenerator<Unnoted> {
  let cursor: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const { reversals, next } = await provider.listReversalsSince(since, cursor);
    const charge = { $in: reversals.map((reversal) => reversal.charge), $type: 'string' as const };
    const found = await payments.find({ charge, provider: provider.name }).lean<PaymentDoc[]>();
    const byCharge = new Map(found.map((payment) => [payment.charge, payment]));
    for (const reversal of reversals) {
      const payment = byCharge.get(reversal.charge);
      if (payment && !isNoted(payment, reversal)) yield { payment, reversal };
    }
    if (next === null) return;
    cursor = next;
  }
}

/** A pending refund counts as noted: the poller asks for its end. */
function isNoted({ refunds }: PaymentDoc, { reference, key, status }: Reversal): boolean {
  const noted =
    refunds.find((refund) => refund.reference === reference) ??
    refunds.find((refund) => key !== null && key.startsWith(`${refund.key}:`));
  if (!noted || noted.status === 'void' || noted.status === 'refused') return status === 'failed';
  if (noted.status === 'disputed') return status === 'pending';
  return noted.status !== 'done' || status !== 'failed';
}
