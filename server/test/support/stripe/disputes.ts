import { missing } from './answer.ts';
import type { Payment } from './books.ts';

interface Dispute {
  id: string;
  object: 'dispute';
  status: 'warning_needs_response' | 'needs_response' | 'won' | 'lost';
  payment_intent: string;
  amount: number;
  currency: string;
  metadata: Record<string, string>;
  created: number;
}

interface DisputesOptions {
  nextId: (prefix: string) => string;
  /** Stripe's clock, in seconds. */
  nowS: () => number;
  emit: (type: string, object: object) => void;
  paymentCalled: (id: string) => Payment;
}

/** The disputes of the stand-in, which the buyers' banks begin and decide. */
export function createDisputes({ nextId, nowS, emit, paymentCalled }: DisputesOptions) {
  const disputes = new Map<string, Dispute>();

  /** The buyer's bank disputes the payment. Default: all of it. */
  function dispute(payment: string, status: Dispute['status'] = 'needs_response', amount?: number): Dispute {
    const { amount_received: received, currency } = paymentCalled(payment);
    const about = { payment_intent: payment, amount: amount ?? received, currency, metadata: {} };
    const made: Dispute = { id: nextId('du'), object: 'dispute', status, ...about, created: nowS() };
    disputes.set(made.id, made);
    emit('charge.dispute.created', made);
    return made;
  }

  /** The bank decides a dispute, or an inquiry becomes a dispute. */
  function decide(id: string, status: Dispute['status']): void {
    const found = disputes.get(id);
    if (found === undefined) throw missing('dispute', id);
    found.status = status;
    emit(status === 'needs_response' ? 'charge.dispute.updated' : 'charge.dispute.closed', found);
  }

  /** Whether Stripe refuses refunds of the payment. */
  function isDisputed(payment: string): boolean {
    return [...disputes.values()].some(
      ({ payment_intent, status }) => payment_intent === payment && (status === 'needs_response' || status === 'lost'),
    );
  }

  return { disputes, dispute, decide, isDisputed };
}
