import type { PaymentDoc } from '#server/models/payment.ts';
import type { SettlementPort } from '#server/payments/settlement-port.ts';
import type { Engine } from '../engine/engine.ts';
import type { Outcome } from '../rules/command.ts';
import type { PaymentCommand } from '../rules/payments/command.ts';

type BookingOutcome = Extract<Outcome, { booking: unknown }>;

/** Submits what a provider reports to the queue of the payment's event, where its effects are decided and committed. */
export function createSettlement(engine: Pick<Engine, 'submit'>): SettlementPort {
  async function submit({ eventId }: PaymentDoc, command: PaymentCommand): Promise<BookingOutcome> {
    const { outcome } = await engine.submit(eventId.toHexString(), command);
    if (!outcome.ok) throw new Error(`The event's queue refused ${command.type} with ${outcome.error.code}`);
    if (!('booking' in outcome)) throw new Error('A payment was settled without its booking');
    return outcome;
  }

  async function isNew(payment: PaymentDoc, command: PaymentCommand): Promise<boolean> {
    return !(await submit(payment, command)).repeated;
  }

  return {
    async paid(payment, { charge, amount }) {
      const { attempt, repeated } = await submit(payment, { type: 'settle', ...idsOf(payment), charge, amount });
      if (repeated) return null;
      if (attempt?.mismatch) return 'mismatch';
      return attempt?.bought ? 'confirmed' : 'refunding';
    },
    unpaid: (payment) => isNew(payment, { type: 'endCheckout', ...idsOf(payment) }),
    processing: (payment, processing) => isNew(payment, { type: 'noteProcessing', ...idsOf(payment), processing }),
    declined: (payment, at) => isNew(payment, { type: 'declineCard', ...idsOf(payment), at }),
    refund: (payment, { key, tries }, state) =>
      isNew(payment, { type: 'updateRefund', ...idsOf(payment), refundKey: key, tries, state }),
  };
}

function idsOf({ _id, bookingId }: PaymentDoc): { bookingId: string; paymentId: string } {
  return { bookingId: bookingId.toHexString(), paymentId: _id.toHexString() };
}
