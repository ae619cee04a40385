import type { ClientSession, Collection } from 'mongodb';
import { Types } from 'mongoose';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { BookingCollections } from './load.ts';
import { toAttempt } from './payment-records.ts';
import type { BookingState } from '../rules/state/booking-state.ts';
import type { Command } from '../rules/command.ts';
import type { BatchState } from '../rules/state/event-state.ts';
import type { Attempt } from '../rules/payments/attempt.ts';
import { refundRequestKey } from '../rules/payments/attempt.ts';

const { ObjectId } = Types;

type LoadedAttempts = Pick<BatchState, 'attempts' | 'refundRequests'>;

const NO_ATTEMPTS: LoadedAttempts = { attempts: new Map(), refundRequests: new Map() };

/** The attempts to pay for the named bookings, and the refunds that were asked for before. Nothing where nobody pays. */
export async function loadAttempts(
  { payments }: Pick<BookingCollections, 'payments'>,
  commands: readonly Command[],
  named: ReadonlyMap<string, BookingState>,
  session: ClientSession,
): Promise<LoadedAttempts> {
  const paying = [...named.values()].filter(({ payment }) => payment !== null).map(({ id }) => id);
  const refundRequests = await loadRefundRequests(payments, commands, session);
  if (paying.length === 0) return { ...NO_ATTEMPTS, refundRequests };
  const bookingId = { $in: paying.map((id) => ObjectId.createFromHexString(id)) };
  const found = await payments.find({ bookingId }, { session, sort: { bookingId: 1, attempt: 1 } }).toArray();
  const attempts = new Map<string, Attempt[]>();
  for (const attempt of found.map(toAttempt)) {
    attempts.set(attempt.bookingId, [...(attempts.get(attempt.bookingId) ?? []), attempt]);
  }
  return { attempts, refundRequests };
}

async function loadRefundRequests(
  payments: Collection<PaymentDoc>,
  commands: readonly Command[],
  session: ClientSession,
): Promise<LoadedAttempts['refundRequests']> {
  const asked = commands.flatMap((c) => (c.type === 'refundPart' ? [refundRequestKey(c.actor, c.requestId)] : []));
  if (asked.length === 0) return NO_ATTEMPTS.refundRequests;
  const found = await payments.find({ refundRequests: { $in: asked } }, { session }).toArray();
  const entries = found.map(toAttempt).flatMap((attempt) =>
    attempt.refunds.flatMap((refund) => {
      const key = refund.requestId && refundRequestKey(refund.actor, refund.requestId);
      return key ? [[key, { attempt, refund }] as const] : [];
    }),
  );
  return new Map(entries);
}
