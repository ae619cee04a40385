import type { Config } from '#server/config.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import { toStripeAmount } from '#server/payments/stripe/amounts.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { EventChanges } from '#shared/event.ts';

export type PayableConfig = Pick<Config, 'payments' | 'production'>;

/** A price needs somebody who takes it: in production a provider that is written out, and one that can charge it. */
export function payable(config: PayableConfig, { price }: Pick<EventChanges, 'price'>): Result<never> | null {
  const { payments } = config;
  if (!price || price.amount === 0) return null;
  if (!takesMoney(config)) return refuse('INVALID_STATE', { details: { payments, reason: 'PAYMENTS is not set' } });
  if (payments === 'stripe' && toStripeAmount(price) === null)
    return refuse('INVALID_STATE', { details: { payments, reason: 'Stripe cannot charge exactly this price' } });
  return null;
}

/** The same for seats of an event that has its price from a time when somebody took it: a hold could not be paid for. */
export async function sellable(
  { config, models }: { config: PayableConfig; models: Pick<Models, 'events'> },
  eventId: string,
): Promise<Result<never> | null> {
  if (takesMoney(config)) return null;
  const event = await models.events.findById(eventId, { price: 1 }).lean<Pick<EventDoc, 'price'>>();
  return event && payable(config, event);
}

function takesMoney({ payments, production }: PayableConfig): boolean {
  return payments !== null || !production;
}
