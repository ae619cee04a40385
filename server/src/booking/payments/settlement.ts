import { queueRefused } from '#server/jobs/job-waits.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { Reversal } from '#server/payments/provider.ts';
import type { SettlementPort } from '#server/payments/settlement-port.ts';
import type { Engine } from '../engine/engine.ts';
import type { Outcome } from '../rules/command.ts';
import type { ListedReversal, PaymentCommand } from '../rules/payments/command.ts';

type BookingOutcome = Extract<Outcome, { booking: unknown }>;

/** Submits what a provider reports to the queue of the payment's event, where its effects are decided and committed. */
export function createSettlement(engine: Pick<Engine, 'submit'>): SettlementPort {
  async function submit({ eventId }: PaymentDoc, command: PaymentCommand): Promise<BookingOutcome> {
    const { outcome } = await engine.submit(eventId.toHexString(), command);
    if (!outcome.ok) throw queueRefused(outcome.error);
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
    async reversals(payment, reversals) {
      const listed = reversals.map((reversal) => toListed(reversal, payment));
      const { attempt } = await submit(payment, { type: 'noteReversals', ...idsOf(payment), reversals: listed });
      return [...(attempt?.refunds ?? payment.refunds)];
    },
  };
}

/** A dispute may be in another currency than the payment: then it is taken for one of all that was paid. */
function toListed({ amount, ...reversal }: Reversal, { paid }: PaymentDoc): ListedReversal {
  const isSame = paid === null || paid.currency === amount.currency;
  return { ...reversal, amount: isSame ? amount.amount : paid.amount };
}

function idsOf({ _id, bookingId }: PaymentDoc): { bookingId: string; paymentId: string } {
  return { bookingId: bookingId.toHexString(), paymentId: _id.toHexString() };
}
