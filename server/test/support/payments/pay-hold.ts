import { Types } from 'mongoose';
import type { Engine } from '#server/booking/engine/engine.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** Pays for a hold through the engine, without sockets or a provider: a checkout, then its settlement. */
export async function payHold(engine: Engine, eventId: string, bookingId: string): Promise<void> {
  const paymentId = new Types.ObjectId().toHexString();
  const sent = {
    provider: 'demo',
    locale: 'en',
    email: 'a@example.org',
    returnUrl: 'https://example.org/paid',
  } as const;
  const open = { type: 'checkout', bookingId, actor: paymentId, paymentId, ...sent } as const;
  const { outcome } = await engine.submit(eventId, open);
  if (!outcome.ok || !('booking' in outcome) || !outcome.attempt) throw new Error('No checkout');
  const { amount }: { amount: Money } = outcome.attempt;
  const charge = `charge ${paymentId}`;
  const paid = await engine.submit(eventId, { type: 'settle', bookingId, paymentId, charge, amount });
  if (!paid.outcome.ok) throw new Error(`Not paid: ${JSON.stringify(paid.outcome)}`);
}
