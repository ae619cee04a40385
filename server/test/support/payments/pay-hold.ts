import { Types } from 'mongoose';
import type { Engine } from '#server/booking/engine/engine.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { checkoutCommand } from './checkout-command.ts';

/** Pays for a hold through the engine, without sockets or a provider: a checkout, then its settlement. */
export async function payHold(engine: Engine, eventId: string, bookingId: string): Promise<void> {
  const paymentId = new Types.ObjectId().toHexString();
  const { outcome } = await engine.submit(eventId, checkoutCommand({ bookingId, actor: paymentId, paymentId }));
  if (!outcome.ok || !('booking' in outcome) || !outcome.attempt) throw new Error('No checkout');
  const { amount }: { amount: Money } = outcome.attempt;
  const charge = `charge ${paymentId}`;
  const paid = await engine.submit(eventId, { type: 'settle', bookingId, paymentId, charge, amount });
  if (!paid.outcome.ok) throw new Error(`Not paid: ${JSON.stringify(paid.outcome)}`);
}
