import { LRUCache } from 'lru-cache';
import type { Models } from '#server/models/models.ts';
import type { ProviderName } from '#shared/checkout.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { Seller } from '../rules/payments/price.ts';
import { priceRefusal } from '../rules/payments/price.ts';
import { findPrices } from '../store/queries/payment-queries.ts';

interface SellingDeps {
  models: Pick<Models, 'events'>;
  seller: Seller;
  /** By which this server takes money; null: by none. */
  provider: ProviderName | null;
}

/** The prices that an organiser sets. */
interface Prices {
  price?: Money | undefined;
  ticketTypes?: readonly { price: Money }[] | undefined;
}

/** How long a price that was read serves further bookings: a sale must not cost a read for each. */
const PRICE_MS = 2_000;
const MAX_PRICES = 1_000;

/** What this server may sell: a price needs a provider that takes it. */
export function createSelling({ models, seller, provider }: SellingDeps) {
  const refusals = new LRUCache<string, { refusal: Refusal | null }>({ max: MAX_PRICES, ttl: PRICE_MS });
  // The demo provider takes every price.
  const takesAll = seller.takesMoney && seller.payments !== 'stripe';

  function firstRefusal(prices: readonly Money[]): Refusal | null {
    for (const price of prices) {
      const refusal = priceRefusal(price, seller);
      if (refusal) return refusal;
    }
    return null;
  }

  return {
    provider,
    /** Why an event cannot have these prices: of tickets, or of its ticket types; absent: an edit leaves them. */
    priceRefusal: ({ price, ticketTypes = [] }: Prices): Refusal | null =>
      firstRefusal([...(price ? [price] : []), ...ticketTypes.map((type) => type.price)]),
    /** Why tickets of this event cannot be sold: its prices are from a time with another provider, or with any. */
    async saleRefusal(eventId: string): Promise<Refusal | null> {
      if (takesAll) return null;
      const known = refusals.get(eventId);
      if (known) return known.refusal;
      const refusal = firstRefusal(await findPrices(models, eventId));
      refusals.set(eventId, { refusal });
      return refusal;
    },
  };
}

export type Selling = ReturnType<typeof createSelling>;
