import { impossible, missing } from './answer.ts';
import { readRefund, readSession } from './parameters.ts';
import { createDisputes } from './disputes.ts';
import type { Form } from './form.ts';

export interface Session {
  id: string;
  object: 'checkout.session';
  url: string | null;
  status: 'open' | 'complete' | 'expired';
  payment_status: 'paid' | 'unpaid';
  amount_total: number;
  currency: string;
  payment_intent: string | null;
  metadata: Record<string, string>;
  expires_at: number;
  created: number;
}

export interface Payment {
  id: string;
  object: 'payment_intent';
  status: 'requires_payment_method' | 'processing' | 'succeeded';
  amount: number;
  amount_received: number;
  currency: string;
  metadata: Record<string, string>;
}

export interface Refund {
  id: string;
  object: 'refund';
  status: 'pending' | 'succeeded' | 'failed';
  failure_reason?: string;
  payment_intent: string;
  amount: number;
  currency: string;
  metadata: Record<string, string>;
  created: number;
}

export interface BooksOptions {
  /** Stripe's clock. */
  now: () => Date;
  /** Base address of checkout pages. */
  page: () => string;
  /** Records and delivers a webhook event. */
  emit: (type: string, object: object) => void;
}

/** Stripe's data: checkout sessions, payments and refunds, and what happens to each without a request. */
export function createBooks({ now, page, emit }: BooksOptions) {
  const sessions = new Map<string, Session>();
  const payments = new Map<string, Payment>();
  const refunds = new Map<string, Refund>();
  /** Metadata of the payment of each open session. */
  const carried = new Map<string, Record<string, string>>();
  let count = 0;
  const nextId = (prefix: string) => `${prefix}_test_${String(++count).padStart(6, '0')}`;
  const nowS = () => Math.floor(now().getTime() / 1000);
  const plan = { refunds: 'succeeded' as Refund['status'] };
  const { disputes, isDisputed, dispute, decide } = createDisputes({ nextId, nowS, emit, paymentCalled });

  function open(form: Form): Session {
    const { amount, currency, expiresAt, metadata, paymentMetadata } = readSession(form, nowS());
    const id = nextId('cs');
    const session: Session = {
      id,
      object: 'checkout.session',
      url: `${page()}/c/pay/${id}`,
      status: 'open',
      payment_status: 'unpaid',
      amount_total: amount,
      currency,
      payment_intent: null,
      metadata,
      expires_at: expiresAt,
      created: nowS(),
    };
    carried.set(id, paymentMetadata);
    sessions.set(id, session);
    return session;
  }

  function session(id: string): Session {
    const found = sessions.get(id);
    if (found === undefined) throw missing('checkout.session', id);
    if (found.status === 'open' && found.expires_at <= nowS()) end(found);
    return found;
  }

  function end(over: Session): void {
    over.status = 'expired';
    over.url = null;
    emit('checkout.session.expired', over);
  }

  function expire(id: string): Session {
    const found = session(id);
    if (found.status !== 'open')
      throw impossible('resource_invalid_state', 'Only Checkout Sessions with a status in ["open"] can be expired.');
    end(found);
    return found;
  }

  function paymentOf(id: string): Payment {
    const found = session(id);
    if (found.status !== 'open') throw new Error(`${id} cannot be paid: it is ${found.status}`);
    const known = payments.get(found.payment_intent ?? '');
    if (known !== undefined) return known;
    const made: Payment = {
      id: nextId('pi'),
      object: 'payment_intent',
      status: 'requires_payment_method',
      amount_received: 0,
      amount: found.amount_total,
      currency: found.currency,
      metadata: carried.get(id) ?? {},
    };
    payments.set(made.id, made);
    found.payment_intent = made.id;
    return made;
  }

  /** The buyer's card pays. `received`: the amount that arrives. Default: the amount of the checkout. */
  function pay(id: string, { received, currency }: { received?: number; currency?: string } = {}): void {
    const payment = paymentOf(id);
    Object.assign(session(id), { status: 'complete', payment_status: 'paid', url: null });
    payment.currency = currency ?? payment.currency;
    receive(payment, received);
    emit('checkout.session.completed', session(id));
  }

  /** The buyer's card is declined; the session stays open for another card. */
  function decline(id: string): void {
    emit('payment_intent.payment_failed', paymentOf(id));
  }

  /** The buyer completes the session; the money arrives later (`arrive`). */
  function payLater(id: string): void {
    paymentOf(id).status = 'processing';
    Object.assign(session(id), { status: 'complete', url: null });
    emit('checkout.session.completed', session(id));
  }

  /** The outcome of a payment that was processing. */
  function arrive(id: string, outcome: 'succeeded' | 'failed'): void {
    const payment = payments.get(session(id).payment_intent ?? '');
    if (payment?.status !== 'processing') throw new Error(`${id} has no processing payment`);
    if (outcome === 'failed') payment.status = 'requires_payment_method';
    else receive(payment);
    if (outcome === 'succeeded') session(id).payment_status = 'paid';
    emit(`checkout.session.async_payment_${outcome}`, session(id));
  }

  function receive(payment: Payment, received = payment.amount): void {
    payment.status = 'succeeded';
    payment.amount_received = received;
    emit('payment_intent.succeeded', payment);
  }

  function refund(form: Form): Refund {
    return makeRefund(readRefund(form));
  }

  /** Refunds in the dashboard: without metadata. Default: all that is left. */
  function refundByHand(payment: string, amount: number | null = null): Refund {
    return makeRefund({ payment, amount, metadata: {} });
  }

  function paymentCalled(id: string): Payment {
    const found = payments.get(id);
    if (found === undefined) throw missing('payment_intent', id);
    return found;
  }

  function makeRefund(asked: ReturnType<typeof readRefund>): Refund {
    const payment = paymentCalled(asked.payment);
    if (isDisputed(payment.id)) throw impossible('charge_disputed', `Charge of ${payment.id} has been charged back.`);
    const left = payment.amount_received - refundedOf(payment.id);
    if (left === 0) throw impossible('charge_already_refunded', `Charge of ${payment.id} has already been refunded.`);
    const amount = asked.amount ?? left;
    if (amount > left) throw impossible('amount_too_large', `Refund amount (${amount}) is greater than ${left}.`);
    const { metadata } = asked;
    const made: Refund = {
      id: nextId('re'),
      object: 'refund',
      status: plan.refunds,
      amount,
      metadata,
      payment_intent: payment.id,
      currency: payment.currency,
      created: nowS(),
    };
    refunds.set(made.id, made);
    emit('refund.created', made);
    const { id: payment_intent, metadata: carriedOn } = payment;
    emit('charge.refunded', { id: nextId('ch'), object: 'charge', payment_intent, metadata: carriedOn });
    return made;
  }

  /** The outcome of a pending refund. */
  function finishRefund(id: string, outcome: 'succeeded' | 'failed'): void {
    const found = refundCalled(id);
    found.status = outcome;
    if (outcome === 'failed') found.failure_reason = 'lost_or_stolen_card';
    emit('refund.updated', found);
    if (outcome === 'failed') emit('refund.failed', found);
  }

  function refundCalled(id: string): Refund {
    const found = refunds.get(id);
    if (found === undefined) throw missing('refund', id);
    return found;
  }

  const refundsOf = (payment: string) => [...refunds.values()].filter((one) => one.payment_intent === payment);
  const refundedOf = (payment: string) =>
    refundsOf(payment).reduce((sum, { amount, status }) => sum + (status === 'failed' ? 0 : amount), 0);

  return {
    sessions,
    payments,
    refunds,
    disputes,
    plan,
    open,
    session,
    expire,
    refund,
    refundByHand,
    refundCalled,
    dispute,
    decide,
    refundsOf,
    refundedOf,
    pay,
    decline,
    payLater,
    arrive,
    finishRefund,
  };
}

export type Books = ReturnType<typeof createBooks>;
