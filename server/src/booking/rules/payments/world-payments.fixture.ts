import { isReversal } from '#shared/checkout.ts';
import type { Command } from '../command.ts';
import { idOf } from '../decide.fixture.ts';
import type { BatchState } from '../state/event-state.ts';
import type { Attempt } from './attempt.ts';
import type { ListedReversal } from './command.ts';
import { isConcluded, refundRequestKey, refundSum } from './attempt.ts';

type PaymentStep =
  'settle' | 'underpay' | 'unpaid' | 'declined' | 'cancelCheckout' | 'refund' | 'refused' | 'again' | 'part' | 'byHand';

interface Scene {
  bookingId: string;
  actor: string;
  attempt: Attempt | undefined;
  made: number;
  now: Date;
}

/** A command of the provider or an organiser about the last attempt to pay for a booking. */
export function payCommand(what: PaymentStep, { bookingId, actor, attempt, made, now }: Scene): Command {
  const about = { bookingId, paymentId: attempt?.id ?? idOf('unknown') };
  const refund = attempt?.refunds.find((one) => !isConcluded(one) && !isReversal(one));
  const refundKey = refund?.key ?? 'none';
  const tries = refund?.tries ?? 1;
  switch (what) {
    case 'settle':
    case 'underpay': {
      const asked = attempt?.amount ?? { amount: 1, currency: 'EUR' };
      const amount = { ...asked, amount: asked.amount - Number(what === 'underpay') };
      return { type: 'settle', ...about, charge: 'charge', amount };
    }
    case 'unpaid':
      return { type: 'endCheckout', ...about };
    case 'declined':
      return { type: 'declineCard', ...about, at: now };
    case 'cancelCheckout':
      return { type: 'cancelCheckout', bookingId, change: { seats: 1 } };
    case 'refund':
      return { type: 'updateRefund', ...about, refundKey, tries, state: { status: 'done', reference: 're' } };
    case 'refused':
      return { type: 'updateRefund', ...about, refundKey, tries, state: { status: 'refused', reason: 'no' } };
    case 'again':
      return { type: 'retryRefund', ...about, refundKey: attempt?.mismatch ? null : refundKey, actor };
    case 'part':
      return { type: 'refundPart', bookingId, actor, requestId: `r${made % 20}`, amount: 700, reason: 'Sorry' };
    case 'byHand':
      return { type: 'noteReversals', ...about, reversals: attempt ? reversalsOf(attempt, made) : [] };
    default:
      return what satisfies never;
  }
}

/** All refunds by hand of a charge, with one more of at most five hundred. The provider never refunds more than was paid. */
function reversalsOf({ refunds, paid }: Attempt, made: number): ListedReversal[] {
  const known = refunds.filter(isReversal).map(({ reference, amount }) => listedRefund(reference ?? '', amount));
  const left =
    (paid?.amount ?? 0) - refundSum(refunds.filter(({ status }) => status === 'done' || status === 'pending'));
  return left > 0 ? [...known, listedRefund(`hand${made}`, Math.min(500, left))] : known;
}

function listedRefund(reference: string, amount: number): ListedReversal {
  return { reference, kind: 'refund', key: null, amount, status: 'done' };
}

/** The requested refunds in the form in which store/attempts.ts loads them. */
export function requestsOf(attempts: readonly Attempt[]): BatchState['refundRequests'] {
  return new Map(
    attempts.flatMap((attempt) =>
      attempt.refunds.flatMap((refund) =>
        refund.requestId ? [[refundRequestKey(refund.actor, refund.requestId), { attempt, refund }] as const] : [],
      ),
    ),
  );
}
