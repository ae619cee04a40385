import { z } from 'zod';
import type { JobDoc } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { PaymentIssue } from '#shared/checkout.ts';
import type { CommandData, CommandInput } from '#shared/protocol/commands.ts';
import type { Refund } from '../rules/payments/attempt.ts';
import { isOpenReversal, keptAmount } from '../rules/payments/attempt.ts';
import type { IssueScope } from '../store/queries/payment-queries.ts';
import {
  findFailedPaymentJobs,
  findPaymentLabels,
  findPayments,
  findRefusedPayments,
  findReversedPayments,
  findTooSmallPayments,
} from '../store/queries/payment-queries.ts';

/** More than a person works through by hand. */
const MAX_ISSUES = 1_000;

type PaymentIssueModels = Pick<Models, 'bookings' | 'payments' | 'jobs' | 'events'>;
type FoundIssue = Pick<PaymentIssue, 'kind' | 'refundKey' | 'amount' | 'error'> & { payment: PaymentDoc; since: Date };

/**
 * Payments that need a person, the oldest first: refunds that the provider refused, refunds by hand and disputes, jobs
 * that have given up on a refund or on ending a checkout, wrong amounts, and prices that the provider does not take. Of one event if the input names one.
 */
export async function listPaymentIssues(
  models: PaymentIssueModels,
  { eventId, page, limit }: CommandInput<'listPaymentTroubles'>,
): Promise<CommandData<'listPaymentTroubles'>> {
  const scope: IssueScope = { eventId: eventId?.toLowerCase() ?? null, limit: MAX_ISSUES };
  const issues = [
    ...(await refusedIssues(models, scope)),
    ...(await reversalIssues(models, scope)),
    ...(await failedJobIssues(models, scope)),
    ...(await findTooSmallPayments(models, scope)).map(priceIssue),
  ];
  const sorted = issues.sort((a, b) => a.since.getTime() - b.since.getTime());
  const troubles = await describeIssues(models, sorted.slice((page - 1) * limit, page * limit));
  return { troubles, page, limit, total: sorted.length };
}

async function refusedIssues(models: PaymentIssueModels, scope: IssueScope): Promise<FoundIssue[]> {
  const found = await findRefusedPayments(models, scope);
  return found.flatMap((payment) => {
    const refunds = payment.refunds.filter(({ status }) => status === 'refused');
    return [...mismatchIssues(payment), ...refunds.map((refund) => refundIssue(payment, refund, refund.error))];
  });
}

/** Refunds by hand and disputes: the booking admits all the same until an organiser cancels or accepts it. */
async function reversalIssues(models: PaymentIssueModels, scope: IssueScope): Promise<FoundIssue[]> {
  const found = await findReversedPayments(models, scope);
  return found.flatMap((payment) =>
    payment.refunds.filter(isOpenReversal).map(({ key, cause, amount, at }) => {
      const kind = cause === 'dispute' ? ('dispute' as const) : ('reversal' as const);
      return { kind, refundKey: key, amount, error: null, payment, since: at };
    }),
  );
}

function priceIssue(payment: PaymentDoc): FoundIssue {
  return { kind: 'price', refundKey: null, payment, amount: payment.amount, error: null, since: payment.createdAt };
}

function mismatchIssues(payment: PaymentDoc): FoundIssue[] {
  if (!payment.mismatch || keptAmount(payment) === 0) return [];
  const since = payment.paidAt ?? payment.updatedAt;
  return [{ kind: 'mismatch', refundKey: null, payment, amount: keptAmount(payment), error: null, since }];
}

const payloadSchema = z.object({ paymentId: z.string(), refundKey: z.string().optional() });

async function failedJobIssues(models: PaymentIssueModels, scope: IssueScope): Promise<FoundIssue[]> {
  const failed = await findFailedPaymentJobs(models, scope.limit);
  const jobs = failed.map((job) => ({ job, ...payloadSchema.parse(job.payload) }));
  const ids = jobs.map(({ paymentId }) => paymentId);
  const payments = await findPayments(models, ids, scope);
  return jobs.flatMap(({ job, paymentId, refundKey }) => {
    const payment = payments.get(paymentId);
    return payment ? jobIssues(job, payment, refundKey) : [];
  });
}

/** The issues of a failed job: none once a webhook or look-up has reported the outcome. */
function jobIssues(job: JobDoc, payment: PaymentDoc, refundKey?: string): FoundIssue[] {
  const refund = payment.refunds.find(({ key }) => key === refundKey);
  if (refund) return refund.status === 'ordered' ? [refundIssue(payment, refund, job.lastError)] : [];
  if (payment.status !== 'cancelling') return [];
  const since = job.doneAt ?? job.createdAt;
  return [{ kind: 'cancel', refundKey: null, payment, amount: payment.amount, error: job.lastError, since }];
}

function refundIssue(payment: PaymentDoc, refund: Refund, error: string | null): FoundIssue {
  return { kind: 'refund', refundKey: refund.key, amount: refund.amount, error, payment, since: refund.at };
}

async function describeIssues(models: PaymentIssueModels, issues: readonly FoundIssue[]): Promise<PaymentIssue[]> {
  const payments = issues.map(({ payment }) => payment);
  const { codes, titles } = await findPaymentLabels(models, payments);
  return issues.map(({ kind, refundKey, amount, error, payment, since }) => ({
    kind,
    refundKey,
    amount,
    error,
    paymentId: payment._id.toHexString(),
    bookingId: payment.bookingId.toHexString(),
    code: codes.get(payment.bookingId.toHexString()) ?? '',
    eventId: payment.eventId.toHexString(),
    title: titles.get(payment.eventId.toHexString()) ?? '',
    provider: payment.provider,
    currency: payment.paid?.currency ?? payment.currency,
    since: since.toISOString(),
  }));
}
