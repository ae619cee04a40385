import type { ProviderName } from '#shared/checkout.ts';
import { chargeStep, leastCharge } from '#shared/money/charge.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** How this server takes money. */
export interface Seller {
  /** The provider that the settings name; in production there is no other. */
  payments: ProviderName | null;
  takesMoney: boolean;
}

/** Why nothing can be sold at this price here; a price of nothing needs no provider. */
export function priceRefusal(price: Money | undefined, { payments, takesMoney }: Seller): Refusal | null {
  if (!price || price.amount === 0) return null;
  if (!takesMoney) return refuse('INVALID_STATE', { details: { payments, reason: 'PAYMENTS is not set' } }).error;
  const provider = payments ?? 'demo';
  const [step, minimum] = [chargeStep(provider, price.currency), leastCharge(provider, price.currency)];
  if (price.amount % step !== 0) {
    const reason = 'The provider cannot charge exactly this price';
    return refuse('INVALID_STATE', { details: { payments, reason, step } }).error;
  }
  if (price.amount >= minimum) return null;
  return refuse('INVALID_STATE', { details: { payments, reason: 'The provider charges no less', minimum } }).error;
}
