import type { PaymentDoc } from '#server/models/payment.ts';
import type { Till } from '#server/payments/till.ts';
import type { Engine } from './engine.ts';
import type { Attempt } from './rules/money/attempt.ts';
import type { MoneyCommand } from './rules/money/command.ts';

/** Tells facts about money to the queue of their event, where all that follows is decided and committed. */
export function createTill(engine: Pick<Engine, 'submit'>): Till {
  async function tell({ eventId }: PaymentDoc, command: MoneyCommand): Promise<Attempt | undefined> {
    const { outcome } = await engine.submit(eventId.toHexString(), command);
    if (!outcome.ok) throw new Error(`The event's queue refused ${command.type} with ${outcome.error.code}`);
    if (!('booking' in outcome)) throw new Error('A payment was settled without its booking');
    return outcome.attempt;
  }

  const of = ({ _id, bookingId }: PaymentDoc) => ({
    ...{ bookingId: bookingId.toHexString(), paymentId: _id.toHexString() },
  });

  return {
    async paid(payment, { charge, amount }) {
      const attempt = await tell(payment, { type: 'settle', ...of(payment), charge, amount });
      if (attempt?.mismatch) return 'mismatch';
      return attempt?.bought ? 'confirmed' : 'refunding';
    },
    async unpaid(payment) {
      await tell(payment, { type: 'unpaid', ...of(payment) });
    },
    async declined(payment, at) {
      await tell(payment, { type: 'declined', ...of(payment), at });
    },
    async refund(payment, { key, tries }, state) {
      await tell(payment, { type: 'refundMoved', ...of(payment), refundKey: key, tries, state });
    },
  };
}
