import { attemptOf, booked, idOf, minutes, paying, stateOf } from '../decide.fixture.ts';
import type { BatchState } from '../state/event-state.ts';
import type { Attempt, Refund } from './attempt.ts';
import { refundRequestKey } from './attempt.ts';

export const ADMIN = idOf('admin');
/** A booking of two seats for 40.00 EUR. */
export const BOUGHT = booked('alice', 2, { price: { amount: 2_000, currency: 'EUR' } });
/** The id of its payment. */
export const PAYMENT = attemptOf(BOUGHT).id;

/** The first refund of the payment, as ordered by the admin. */
export function orderedRefund(amount: number, more: Partial<Refund> = {}): Refund {
  return {
    key: `${PAYMENT}.1`,
    amount,
    cause: 'organiser',
    reason: 'Late start',
    actor: ADMIN,
    requestId: null,
    status: 'ordered',
    reference: null,
    error: null,
    tries: 1,
    at: minutes(-3),
    doneAt: null,
    ...more,
  };
}

/** The booking as paid, with these refunds and the requests that ordered them. */
export function paidWith(refunds: Refund[] = [], more: Partial<Attempt> = {}): BatchState {
  const state = paying(stateOf({}, [BOUGHT]), BOUGHT, { status: 'paid', bought: true, refunds, ...more });
  const attempt = state.attempts.get(BOUGHT.id)?.[0] as Attempt;
  const requests = refunds.flatMap((refund) =>
    refund.requestId === null ? [] : [[refundRequestKey(refund.actor, refund.requestId), { attempt, refund }] as const],
  );
  return { ...state, refundRequests: new Map(requests) };
}
