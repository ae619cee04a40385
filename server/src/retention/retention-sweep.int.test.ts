import { Types } from 'mongoose';
import { expect, it, onTestFinished } from 'vitest';
import { CANCEL_EVENT_JOB } from '#server/booking/rules/edit.ts';
import { NOTIFY_MOVED } from '#server/booking/rules/notify.ts';
import { DEFAULT_RETENTION } from '#server/config.ts';
import { prepareDatabase } from '#server/migrations/prepare-database.ts';
import { CLOSED_ACCOUNT } from '#server/models/accounts/closed-account.ts';
import type { JobDoc } from '#server/models/job.ts';
import { newJobDoc } from '#server/models/job.ts';
import { createModels } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { testDatabaseUri } from '../../test/support/database/test-database.ts';
import { createRetentionSweep } from './retention-sweep.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-11-23T12:00:00.000Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS);
const RETENTION = { ...DEFAULT_RETENTION, doneJobDays: 100, payerAddressDays: 10 };

async function world() {
  const connection = await connectMongo(testDatabaseUri());
  onTestFinished(() => connection.close());
  const models = createModels(connection);
  await prepareDatabase({ connection, models });
  const task = createRetentionSweep({ models, retention: RETENTION, now: () => NOW });
  return { models, sweep: () => task.sweep(new AbortController().signal) };
}

it('done jobs are deleted after their days, except records of what happened; others stay', async () => {
  const { models, sweep } = await world();
  const job = (kind: string, state: JobDoc['state'], days: number, n = 0): JobDoc => ({
    ...newJobDoc({ key: `${kind} ${state} ${days} ${n}`, kind, payload: {} }, daysAgo(days)),
    _id: new Types.ObjectId(),
    state,
    doneAt: state === 'done' ? daysAgo(days) : null,
  });
  const kept = [
    job('mail', 'done', 99),
    job('mail', 'failed', 101),
    job('mail', 'waiting', 101),
    ...[CLOSED_ACCOUNT, CANCEL_EVENT_JOB, NOTIFY_MOVED].map((kind) => job(kind, 'done', 1_000)),
    // Done late: its last attempt began before.
    { ...job('refund', 'done', 101), doneAt: daysAgo(99) },
  ];
  const old = [job('refund', 'done', 102), ...Array.from({ length: 1_500 }, (_, n) => job('mail', 'done', 101, n))];
  await models.jobs.collection.insertMany([...kept, ...old]);
  await sweep();
  const keys = (await models.jobs.find().lean()).map(({ key }) => key);
  expect(keys.toSorted()).toEqual(kept.map(({ key }) => key).toSorted());
});

it('the mail addresses of buyers are removed from payments that are over, days after their last change', async () => {
  const { models, sweep } = await world();
  const payment = (status: string, days: number) => ({
    _id: new Types.ObjectId(),
    bookingId: new Types.ObjectId(),
    eventId: new Types.ObjectId(),
    userId: new Types.ObjectId(),
    attempt: 1,
    version: 3,
    provider: 'demo',
    amount: 500,
    currency: 'EUR',
    status,
    refunds: [],
    terms: { email: 'alice@example.org', title: `${status} ${days}` },
    updatedAt: daysAgo(days),
  });
  const payments = [payment('paid', 11), payment('ended', 11), payment('paid', 9)];
  await models.payments.collection.insertMany([...payments, payment('open', 11), payment('cancelling', 11)] as never[]);
  await sweep();
  const addresses = (await models.payments.find().lean()).map(({ terms }) => [terms.title, terms.email]);
  expect(Object.fromEntries(addresses)).toEqual({
    'paid 11': '',
    'ended 11': '',
    'paid 9': 'alice@example.org',
    'open 11': 'alice@example.org',
    'cancelling 11': 'alice@example.org',
  });
});
