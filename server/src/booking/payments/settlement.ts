import type { PaymentDoc } from '#server/models/payment.ts';
import type { SettlementPort } from '#server/payments/settlement-port.ts';
import type { Engine } from '../engine/engine.ts';
import type { Outcome } from '../rules/command.ts';
import type { PaymentCommand } from '../rules/payments/command.ts';

type AboutBooking = Extract<Outcome, { booking: unknown }>;

/** Tells facts about money to the queue of their event, where all that follows is decided and committed. */
export function createSettlement(engine: Pick<Engine, 'submit'>): SettlementPort {
  async function tell({ eventId }: PaymentDoc, command: PaymentCommand): Promise<AboutBooking> {
    const { outcome } = await engine.submit(eventId.toHexString(), command);
    if (!outcome.ok) throw new Error(`The event's queue refused ${command.type} with ${outcome.error.code}`);
    if (!('booking' in outcome)) throw new Error('A payment was settled without its booking');
    return outcome;
  }

  const isNew = async (payment: PaymentDoc, command: PaymentCommand) => !(await tell(payment, command)).repeated;
  const of = ({ _id, bookingId }: PaymentDoc) => ({
    ...{ bookingId: bookingId.toHexString(), paymentId: _id.toHexString() },
  });

  return {
    async paid(payment, { charge, amount }) {
      const { attempt, repeated } = await tell(payment, { type: 'settle', ...of(payment), charge, amount });
      if (repeated) return null;
      if (attempt?.mismatch) return 'mismatch';
      return attempt?.bought ? 'confirmed' : 'refunding';
    },
    unpaid: (payment) => isNew(payment, { type: 'unpaid', ...of(payment) }),
    declined: (payment, at) => isNew(payment, { type: 'declined', ...of(payment), at }),
    refund: (payment, { key, tries }, state) =>
      isNew(payment, { type: 'refundMoved', ...of(payment), refundKey: key, tries, state }),
  };
}
