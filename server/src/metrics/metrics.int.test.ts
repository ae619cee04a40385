import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { bookCommand, userId } from '../../test/support/engine-world.ts';
import type { TestApp } from '../../test/support/test-app.ts';
import { connected, eventInput, testApp } from '../../test/support/test-app.ts';
import { readBuild } from '#server/build.ts';
import { newJobDoc } from '#server/models/job.ts';
import { createMetrics } from './metrics.ts';
import { ofOneType } from '../../test/support/database/of-one-type.ts';

/** The value of each sample by its name and labels. */
async function samples(app: TestApp): Promise<Map<string, number>> {
  const response = await app.get('/metrics');
  expect(response.status).toBe(200);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

const countOf = (command: string, outcome: string) =>
  `frontrow_command_duration_seconds_count{command="${command}",outcome="${outcome}"}`;

describe('GET /metrics', () => {
  it('answers a program on this machine in the text format of Prometheus, without personal data', async (t) => {
    const app = await testApp(t);
    const alice = await app.register('alice');
    await alice.must('listBookings', {});
    const response = await app.get('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    for (const line of text.split(/\n+/).slice(0, -1)) {
      expect(line).toMatch(
        /^(?:# (?:HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? \S+)$/,
      );
    }
    for (const personal of [alice.user.id, alice.user.email, alice.user.name]) expect(text).not.toContain(personal);
  });

  it('refuses other machines, and proxies on this machine, while METRICS_TOKEN is not set', async (t) => {
    const { app } = await testApp(t);
    const statusOf = async (more: { remoteAddress?: string; headers?: Record<string, string> }) =>
      (await app.http.inject({ url: '/metrics', ...more })).statusCode;
    for (const remoteAddress of ['127.0.0.1', '127.0.0.9', '::1', '::ffff:127.0.0.1'])
      expect([remoteAddress, await statusOf({ remoteAddress })]).toEqual([remoteAddress, 200]);
    for (const remoteAddress of ['10.0.0.7', '::ffff:10.0.0.7', '2001:db8::1'])
      expect([remoteAddress, await statusOf({ remoteAddress })]).toEqual([remoteAddress, 403]);
    for (const name of ['x-forwarded-for', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'via'])
      expect([name, await statusOf({ headers: { [name]: '127.0.0.1' } })]).toEqual([name, 403]);
  });

  it('answers bearers of METRICS_TOKEN from anywhere, and refuses others', async (t) => {
    const lines: string[] = [];
    const log = { write: (line: string) => void lines.push(line) };
    const { app } = await testApp(t, { env: { METRICS_TOKEN: 'a-token-for-metrics', LOG_LEVEL: 'trace' }, log });
    const ask = (authorization?: string, remoteAddress = '10.0.0.7') =>
      app.http.inject({ url: '/metrics', remoteAddress, headers: authorization ? { authorization } : {} });
    expect((await ask('Bearer a-token-for-metrics')).statusCode).toBe(200);
    for (const wrong of [undefined, 'Bearer a-token-for-metric', 'Basic a-token-for-metrics']) {
      const refused = await ask(wrong, '127.0.0.1');
      expect([refused.statusCode, refused.json().error.code]).toEqual([401, 'UNAUTHENTICATED']);
    }
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join()).not.toContain('a-token-for-metric');
  });

  it('counts commands by name and outcome, and all unknown commands under one name', async (t) => {
    const app = await testApp(t);
    const admin = await app.admin();
    const { id } = await admin.must('createEvent', eventInput({ totalSeats: 2 }));
    const alice = await app.register('alice');
    const book = (seats: number) => alice.send('book', { requestId: randomUUID(), eventId: id, seats });
    await book(2);
    for (const seats of [1, 2]) expect((await book(seats)).ok).toBe(false);
    for (const made of ['up', '__proto__']) await alice.send(made as 'book', {} as never);
    const read = await samples(app);
    expect(read.get(countOf('book', 'ok'))).toBe(1);
    expect(read.get(countOf('book', 'SOLD_OUT'))).toBe(2);
    expect(read.get(countOf('unknown', 'NOT_FOUND'))).toBe(2);
    const sum = 'frontrow_command_duration_seconds_sum{command="book",outcome="ok"}';
    expect(read.get(sum)).toBeGreaterThan(0);
    expect([...read.keys()].filter((name) => name.includes('"up"') || name.includes('__proto__'))).toEqual([]);
  });

  it('has metrics of engine, queues, connections, feed, jobs and process', async (t) => {
    const app = await testApp(t);
    const admin = await app.admin();
    await connected(app.open('/public'));
    const { id } = await admin.must('createEvent', eventInput());
    await app.app.engine.submit(id, bookCommand(userId(), 1));
    await app.app.models.jobs.collection.insertOne({ key: 'a', kind: 'mail', state: 'failed' } as never);
    const read = await samples(app);
    expect(Object.fromEntries(read)).toMatchObject({
      frontrow_engine_batches_total: 1,
      frontrow_engine_commands_total: 1,
      frontrow_engine_replays_total: 0,
      frontrow_engine_halvings_total: 0,
      'frontrow_tickets_sold_total{kind="seat"}': 1,
      'frontrow_tickets_sold_total{kind="several"}': 0,
      'frontrow_tickets_sold_total{kind="extra"}': 0,
      frontrow_voucher_tickets_sold_total: 0,
      'frontrow_voucher_discounts_total{currency="EUR"}': 0,
      frontrow_queue_events: 0,
      frontrow_queue_commands: 0,
      frontrow_queue_longest: 0,
      'frontrow_connections{namespace="booking"}': 1,
      'frontrow_connections{namespace="public"}': 1,
      frontrow_transports: 2,
      frontrow_commands_in_work: 0,
      frontrow_feed_live: 1,
      frontrow_feed_lag_seconds: expect.any(Number),
      frontrow_feed_reopened_total: 0,
      frontrow_feed_gaps_total: 0,
      'frontrow_jobs{state="failed"}': 1,
      'frontrow_jobs{state="waiting"}': expect.any(Number),
      'frontrow_jobs_total{result="failed"}': 0,
      frontrow_reconcile_timestamp_seconds: 0,
    });
    expect(read.get('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(read.get('process_cpu_seconds_total')).toBeGreaterThan(0);
  });

  it('has build, requests by route and class of status, and the times of queue and commit', async (t) => {
    const app = await testApp(t);
    const admin = await app.admin();
    const { id } = await admin.must('createEvent', eventInput());
    await app.app.engine.submit(id, bookCommand(userId(), 1));
    await app.get(`/api/events/${id}`);
    await app.get(`/api/events/${'f'.repeat(24)}`);
    const read = await samples(app);
    const { version, commit } = readBuild();
    const build = `version="${version}",commit="${commit ?? ''}",node="${process.versions.node}"`;
    expect(Object.fromEntries(read)).toMatchObject({
      [`frontrow_build_info{${build}}`]: 1,
      'frontrow_http_request_duration_seconds_count{route="/api/events/:id",status="2xx"}': 1,
      'frontrow_http_request_duration_seconds_count{route="/api/events/:id",status="4xx"}': 1,
      'frontrow_http_request_duration_seconds_count{route="/api/auth/login",status="2xx"}': 1,
      frontrow_queue_wait_seconds_count: 1,
      frontrow_batch_commit_seconds_count: 1,
    });
    expect(read.get('frontrow_batch_commit_seconds_sum')).toBeGreaterThan(0);
    expect([...read.keys()].filter((name) => name.includes(id))).toEqual([]);
    expect(read.get('process_open_fds')).toBeGreaterThan(10);
    expect(read.get('process_max_fds')).toBeGreaterThan(read.get('process_open_fds') ?? Infinity);
  });

  it('counts the jobs of every runner, including the runner of mails', async (t) => {
    const app = await testApp(t);
    // A registration adds a job that mails a link to verify the address.
    await app.register('alice');
    const done = async () => (await samples(app)).get('frontrow_jobs_total{result="done"}');
    await expect.poll(done, { timeout: 20_000 }).toBe(1);
  });

  it('has the age of the oldest waiting notification by urgency, which a retry leaves as it is', async (t) => {
    const app = await testApp(t);
    const age = async (urgency: string) =>
      (await samples(app)).get(`frontrow_notifications_oldest_seconds{urgency="${urgency}"}`);
    expect([await age('urgent'), await age('bulk')]).toEqual([0, 0]);
    const inSeconds = (seconds: number) => new Date(app.clock.now().getTime() + seconds * 1_000);
    const add = (kind: string, addedAt: Date) =>
      app.app.models.jobs.collection.insertOne({
        _id: new Types.ObjectId(),
        ...newJobDoc({ key: kind, kind, payload: {} }, addedAt),
        nextAt: inSeconds(600),
      });
    await add('tell-moved', inSeconds(-30));
    await add('tell-offers', inSeconds(-90));
    await add('tell-bookings', inSeconds(-900));
    // The metrics are collected at most once a second.
    await expect.poll(() => age('urgent'), { timeout: 5_000 }).toBeGreaterThan(89);
    expect(await age('urgent')).toBeLessThan(120);
    expect(await age('bulk')).toBeGreaterThan(899);
    const byKind = [...(await samples(app))].filter(([name]) => name.startsWith('frontrow_jobs_oldest_seconds{'));
    const waiting = byKind.filter(([, seconds]) => seconds > 0).map(([name]) => /kind="([^"]+)"/.exec(name)?.[1]);
    expect(waiting.toSorted()).toEqual(['tell-bookings', 'tell-moved', 'tell-offers']);
    expect(byKind.map(([name]) => name)).toContain('frontrow_jobs_oldest_seconds{kind="cancel-event"}');
  });

  it('has the differences that the last reconciliation found', async (t) => {
    const app = await testApp(t);
    const admin = await app.admin();
    const { id } = await admin.must('createEvent', eventInput());
    const move = (seats: number) =>
      app.app.models.events.updateOne({ _id: id }, ofOneType({ $inc: { soldSeats: seats, availableSeats: -seats } }));
    await move(1);
    await app.app.reconcileTimer.check();
    await move(-1);
    const read = await samples(app);
    expect(read.get('frontrow_reconcile_differences{kind="counters"}')).toBe(2);
    expect(read.get('frontrow_reconcile_differences{kind="ledger"}')).toBe(0);
    expect(read.get('frontrow_reconcile_events')).toBe(1);
    expect(read.get('frontrow_reconcile_timestamp_seconds')).toBeGreaterThan(1.7e9);
  });

  it('collects the metrics at most once a second', async (t) => {
    let nowMs = 0;
    const metrics = createMetrics({ build: readBuild(), monotonic: () => nowMs });
    t.onTestFinished(metrics.close);
    const first = await metrics.text();
    metrics.observeCommand('book', 'ok', 5);
    expect(await metrics.text()).toBe(first);
    nowMs = 1_000;
    expect(await metrics.text()).toContain(countOf('book', 'ok'));
  });
});
