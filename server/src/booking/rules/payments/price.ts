import type { ProviderName } from '#shared/checkout.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** How this server takes money. */
export interface Seller {
  /** The provider that the settings name; in production there is no other. */
  payments: ProviderName | null;
  takesMoney: boolean;
  /** Whether the provider can charge exactly this amount. */
  canCharge(price: Money): boolean;
}

/** Why nothing can be sold at this price here; a price of nothing needs no provider. */
export function priceRefusal(price: Money | undefined, { payments, takesMoney, canCharge }: Seller): Refusal | null {
  if (!price || price.amount === 0) return null;
  if (!takesMoney) return refuse('INVALID_STATE', { details: { payments, reason: 'PAYMENTS is not set' } }).error;
  if (canCharge(price)) return null;
  return refuse('INVALID_STATE', { details: { payments, reason: 'Stripe cannot charge exactly this price' } }).error;
}
