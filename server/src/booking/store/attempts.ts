import type { ClientSession, Collection } from 'mongodb';
import { Types } from 'mongoose';
import { closedAccountKey } from '#server/models/accounts/closed-account.ts';
import type { JobDoc } from '#server/models/job.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import { completePayment } from '#server/models/payment.ts';
import { GuardMissed } from '#server/mongo/transaction.ts';
import type { BookingState } from '../rules/state/booking-state.ts';
import type { Command, Decision } from '../rules/command.ts';
import type { BatchState } from '../rules/state/event-state.ts';
import { isReversal } from '#shared/checkout.ts';
import type { Attempt } from '../rules/payments/attempt.ts';
import { isOpenReversal, refundRequestKey } from '../rules/payments/attempt.ts';
import type { BookingCollections } from './collections.ts';

const { ObjectId } = Types;

/** When the poller first asks the provider about a new attempt; the longer nothing happens, the rarer it asks. */
const FIRST_POLL_AFTER_MS = 20_000;

type LoadedAttempts = Pick<BatchState, 'attempts' | 'refundRequests' | 'closedAccounts'>;

const NO_ATTEMPTS: LoadedAttempts = { attempts: new Map(), refundRequests: new Map(), closedAccounts: new Set() };

/**
 * Payment attempts of the named bookings, earlier refunds under the request ids of the commands, and the closed accounts
 * among those whose payments are settled; no query for free
 * bookings.
 */
export async function loadAttempts(
  { payments, jobs }: Pick<BookingCollections, 'payments' | 'jobs'>,
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
  return { attempts, refundRequests, closedAccounts: await loadClosedAccounts(jobs, commands, named, session) };
}

/** The buyers among the owners of bookings to settle who have closed their account: the first clean-up job shows it. */
async function loadClosedAccounts(
  jobs: Collection<JobDoc>,
  commands: readonly Command[],
  named: ReadonlyMap<string, BookingState>,
  session: ClientSession,
): Promise<ReadonlySet<string>> {
  const owners = commands.flatMap((command) => {
    const booking = command.type === 'settle' ? named.get(command.bookingId) : undefined;
    return booking ? [booking.userId] : [];
  });
  if (owners.length === 0) return NO_ATTEMPTS.closedAccounts;
  const keys = owners.map((userId) => closedAccountKey(userId, 0));
  const found = await jobs.find({ key: { $in: keys } }, { session, projection: { key: 1 } }).toArray();
  const closed = new Set(found.map(({ key }) => key));
  return new Set(owners.filter((userId) => closed.has(closedAccountKey(userId, 0))));
}

async function loadRefundRequests(
  payments: Collection<PaymentDoc>,
  commands: readonly Command[],
  session: ClientSession,
): Promise<LoadedAttempts['refundRequests']> {
  const keys = commands.flatMap((c) => (c.type === 'refundPart' ? [refundRequestKey(c.actor, c.requestId)] : []));
  if (keys.length === 0) return NO_ATTEMPTS.refundRequests;
  // The partial index's own filter: without it the planner reads the whole collection.
  const isIndexed = { 'refundRequests.0': { $exists: true } };
  const found = await payments.find({ refundRequests: { $in: keys }, ...isIndexed }, { session }).toArray();
  const requests = found.map(toAttempt).flatMap((attempt) =>
    attempt.refunds.flatMap((refund) => {
      const key = refund.requestId && refundRequestKey(refund.actor, refund.requestId);
      return key ? [[key, { attempt, refund }] as const] : [];
    }),
  );
  return new Map(requests);
}

/**
 * Writes new and changed attempts to pay; throws `GuardMissed` if a stored one is not at the version that was loaded.
 */
export async function writeAttempts(
  { payments }: Pick<BookingCollections, 'payments'>,
  eventId: Types.ObjectId,
  { changedAttempts }: Pick<Decision, 'changedAttempts'>,
  { session, at }: { session: ClientSession; at: Date },
): Promise<void> {
  if (changedAttempts.length === 0) return;
  const operations = changedAttempts.map(({ attempt, fromVersion }) => {
    if (fromVersion === 0) return { insertOne: { document: toPaymentDoc(attempt, eventId, at) } };
    const filter = { _id: ObjectId.createFromHexString(attempt.id), version: fromVersion };
    return { updateOne: { filter, update: { $set: changedPaymentFields(attempt, at) } } };
  });
  const stored = changedAttempts.filter(({ fromVersion }) => fromVersion > 0).length;
  const { matchedCount } = await payments.bulkWrite(operations, { session });
  if (matchedCount !== stored) throw new GuardMissed('A payment is not at the version that was read');
}

/** A stored payment as the rules see it. */
function toAttempt(stored: PaymentDoc): Attempt {
  const doc = completePayment(stored);
  return {
    id: doc._id.toHexString(),
    version: doc.version,
    bookingId: doc.bookingId.toHexString(),
    userId: doc.userId.toHexString(),
    attempt: doc.attempt,
    provider: doc.provider,
    amount: { amount: doc.amount, currency: doc.currency },
    seats: doc.seats,
    terms: doc.terms,
    status: doc.status,
    cancellingSince: doc.cancellingSince,
    processing: doc.processing ?? false,
    declined: doc.declined,
    declinedAt: doc.declinedAt ?? null,
    extended: doc.extended,
    charge: doc.charge,
    paid: doc.paid,
    paidAt: doc.paidAt,
    bought: doc.bought,
    mismatch: doc.mismatch,
    refunds: doc.refunds,
    createdAt: doc.createdAt,
  };
}

/** The whole document of a new attempt; the provider does not know of it yet. */
function toPaymentDoc(attempt: Attempt, eventId: Types.ObjectId, at: Date): PaymentDoc {
  const { amount, currency } = attempt.amount;
  return {
    ...changedPaymentFields(attempt, at),
    _id: ObjectId.createFromHexString(attempt.id),
    bookingId: ObjectId.createFromHexString(attempt.bookingId),
    eventId,
    userId: ObjectId.createFromHexString(attempt.userId),
    attempt: attempt.attempt,
    provider: attempt.provider,
    amount,
    currency,
    seats: attempt.seats,
    terms: attempt.terms,
    reference: null,
    url: null,
    createdAt: at,
  };
}

/**
 * The fields that the rules decide; `reference` and `url` are written by the provider gateway, once the provider has
 * answered.
 */
function changedPaymentFields(attempt: Attempt, at: Date) {
  const { refunds } = attempt;
  const keys = refunds.flatMap(({ actor, requestId }) => (requestId ? [refundRequestKey(actor, requestId)] : []));
  return {
    version: attempt.version,
    status: attempt.status,
    cancellingSince: attempt.cancellingSince,
    ...(attempt.processing !== undefined && { processing: attempt.processing }),
    declined: attempt.declined,
    declinedAt: attempt.declinedAt,
    extended: attempt.extended,
    charge: attempt.charge,
    paid: attempt.paid,
    paidAt: attempt.paidAt,
    bought: attempt.bought,
    mismatch: attempt.mismatch,
    refunds: [...refunds],
    // A sweep looks at the payment and issues what receipts are missing.
    ...(attempt.bought && { isReceiptDue: true }),
    ...(refunds.some(isReversal) && { isReversed: refunds.some(isOpenReversal) }),
    ...(keys.length > 0 && { refundRequests: keys }),
    lookAt: isAwaited(attempt) ? new Date(at.getTime() + FIRST_POLL_AFTER_MS) : null,
    updatedAt: at,
  };
}

/** Whether the provider still has something to say about an attempt or one of its refunds. */
function isAwaited({ status, refunds }: Attempt): boolean {
  return (
    status === 'open' ||
    status === 'cancelling' ||
    refunds.some((one) => one.status === 'pending' || one.status === 'disputed')
  );
}
