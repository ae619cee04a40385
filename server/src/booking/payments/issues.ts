import { Types } from 'mongoose';
import { z } from 'zod';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { JobDoc } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { PaymentIssue } from '#shared/checkout.ts';
import type { CommandData, CommandInput } from '#shared/protocol/commands.ts';
import { keptAmount } from '../rules/payments/attempt.ts';
import { CANCEL_CHECKOUT_JOB, REFUND_JOB } from '../rules/payments/refund.ts';

/** More than anybody works through by hand; the oldest come first. */
const MOST = 1_000;

type PaymentIssueModels = Pick<Models, 'bookings' | 'payments' | 'jobs' | 'events'>;
type Found = Pick<PaymentIssue, 'kind' | 'refundKey' | 'amount' | 'error'> & { payment: PaymentDoc; since: Date };

/** Money that needs a person, the oldest first: refunds refused or given up, checkouts nobody could end, wrong amounts. */
export async function listPaymentIssues(
  models: PaymentIssueModels,
  { eventId, page, limit }: CommandInput<'listPaymentTroubles'>,
): Promise<CommandData<'listPaymentTroubles'>> {
  const ofEvent = eventId ? { eventId: Types.ObjectId.createFromHexString(eventId.toLowerCase()) } : {};
  const stuck = [...(await refused(models, ofEvent)), ...(await givenUp(models, ofEvent))];
  const found = stuck.sort((a, b) => a.since.getTime() - b.since.getTime());
  const troubles = await describe(models, found.slice((page - 1) * limit, page * limit));
  return { troubles, page, limit, total: found.length };
}

async function refused({ payments }: PaymentIssueModels, ofEvent: object): Promise<Found[]> {
  const found = await payments
    .find(ofEvent)
    .or([{ 'refunds.status': 'refused' as const }, { mismatch: true, refunds: { $size: 0 } }])
    .sort({ updatedAt: 1 })
    .limit(MOST)
    .lean<PaymentDoc[]>();
  return found.flatMap((payment) => {
    const open = payment.mismatch && payment.refunds.length === 0;
    const about = { payment, amount: keptAmount(payment), error: null, since: payment.paidAt ?? payment.updatedAt };
    const mismatch = open ? [{ kind: 'mismatch' as const, refundKey: null, ...about }] : [];
    const refunds = payment.refunds.filter(({ status }) => status === 'refused');
    return [...mismatch, ...refunds.map((refund) => refundTrouble(payment, refund, refund.error))];
  });
}

const payloadOf = z.object({ paymentId: z.string(), refundKey: z.string().optional() });

async function givenUp({ jobs, payments }: PaymentIssueModels, ofEvent: object): Promise<Found[]> {
  const failed = { state: 'failed' as const, kind: { $in: [REFUND_JOB, CANCEL_CHECKOUT_JOB] } };
  const found = await jobs.find(failed).limit(MOST).lean<JobDoc[]>();
  const orders = found.map((job) => ({ job, ...payloadOf.parse(job.payload) }));
  const ids = orders.map(({ paymentId }) => paymentId);
  const known = await payments.find({ ...ofEvent, _id: { $in: ids } }).lean<PaymentDoc[]>();
  const byId = new Map(known.map((payment) => [payment._id.toHexString(), payment]));
  return orders.flatMap(({ job, paymentId, refundKey }) => {
    const payment = byId.get(paymentId);
    return payment ? troubleOf(job, payment, refundKey) : [];
  });
}

/** A job that has given up is no trouble any more where the provider has told the end by itself. */
function troubleOf({ lastError, doneAt, createdAt }: JobDoc, payment: PaymentDoc, refundKey?: string): Found[] {
  const refund = payment.refunds.find(({ key }) => key === refundKey);
  if (refund) return refund.status === 'ordered' ? [refundTrouble(payment, refund, lastError)] : [];
  if (payment.status !== 'cancelling') return [];
  const about = { payment, amount: payment.amount, error: lastError, since: doneAt ?? createdAt };
  return [{ kind: 'cancel', refundKey: null, ...about }];
}

function refundTrouble(payment: PaymentDoc, refund: PaymentDoc['refunds'][number], error: string | null): Found {
  return { kind: 'refund', refundKey: refund.key, amount: refund.amount, error, payment, since: refund.at };
}

async function describe({ bookings, events }: PaymentIssueModels, found: readonly Found[]): Promise<PaymentIssue[]> {
  const codes = await bookings
    .find({ _id: { $in: found.map(({ payment }) => payment.bookingId) } })
    .lean<Pick<BookingDoc, '_id' | 'code'>[]>();
  const titles = await events
    .find({ _id: { $in: found.map(({ payment }) => payment.eventId) } })
    .lean<Pick<EventDoc, '_id' | 'title'>[]>();
  const codeOf = new Map(codes.map(({ _id, code }) => [_id.toHexString(), code]));
  const titleOf = new Map(titles.map(({ _id, title }) => [_id.toHexString(), title]));
  return found.map(({ payment, since, ...rest }) => ({
    ...rest,
    paymentId: payment._id.toHexString(),
    bookingId: payment.bookingId.toHexString(),
    code: codeOf.get(payment.bookingId.toHexString()) ?? '',
    eventId: payment.eventId.toHexString(),
    title: titleOf.get(payment.eventId.toHexString()) ?? '',
    provider: payment.provider,
    currency: payment.paid?.currency ?? payment.currency,
    since: since.toISOString(),
  }));
}
