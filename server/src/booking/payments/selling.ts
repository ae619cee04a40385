import type { Models } from '#server/models/models.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { Seller } from '../rules/payments/price.ts';
import { priceRefusal } from '../rules/payments/price.ts';
import { findSeatPrice } from '../store/queries/payment-queries.ts';

interface SellingDeps {
  models: Pick<Models, 'events'>;
  seller: Seller;
}

/** What this server may sell: a price needs a provider that takes it. */
export function createSelling({ models, seller }: SellingDeps) {
  return {
    /** Why an event cannot have this price; `undefined`: an edit leaves the price. */
    priceRefusal: (price: Money | undefined): Refusal | null => priceRefusal(price, seller),
    /** Why seats of this event cannot be sold: its price is from a time when the server took money. */
    async saleRefusal(eventId: string): Promise<Refusal | null> {
      if (seller.takesMoney) return null;
      const price = await findSeatPrice(models, eventId);
      return price && priceRefusal(price, seller);
    },
  };
}

export type Selling = ReturnType<typeof createSelling>;
