import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { testDatabaseUri } from '../support/database/test-database.ts';
import type { ReceivedSpan } from '../support/otlp-collector.ts';
import { otlpCollector } from '../support/otlp-collector.ts';
import { startServer } from '../support/server-process.ts';
import { eventInput, pushed, testApp } from '../support/test-app.ts';

describe('with OTEL_EXPORTER_OTLP_ENDPOINT', () => {
  it('a booking is one trace: the command, below it queue and commit, then feed and push', async (t) => {
    const collector = await otlpCollector(t);
    const app = await testApp(t, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` } });
    const [admin, alice] = [await app.admin(), await app.register('alice')];
    const { id: eventId } = await admin.must('createEvent', eventInput({ totalSeats: 2 }));
    const requestId = randomUUID();
    const seen = pushed(alice.socket, 'availabilityChanged', ({ changes }) =>
      changes.some((change) => change.eventId === eventId && change.soldSeats === 2),
    );
    await alice.must('book', { requestId, eventId, seats: 2 });
    await seen;
    expect((await alice.send('book', { requestId: randomUUID(), eventId, seats: 1 })).ok).toBe(false);
    await app.close();

    expect(new Set(collector.paths)).toEqual(new Set(['/v1/traces']));
    expect(JSON.stringify(collector.resources)).toContain('"frontrow"');
    const roots = collector.spans.filter(({ name }) => name === 'book');
    const booked = roots.find(({ attributes }) => attributes['frontrow.requestId'] === requestId);
    expect(booked?.attributes).toMatchObject({ 'frontrow.outcome': 'ok', 'frontrow.eventId': eventId });
    expect(roots.map(({ attributes }) => attributes['frontrow.outcome']).toSorted()).toEqual(['SOLD_OUT', 'ok']);
    const spans = collector.spans.filter(({ traceId }) => traceId === booked?.traceId);
    const named = (name: string) => spans.find((span) => span.name === name) as ReceivedSpan;
    expect(spans.map(({ name }) => name).toSorted()).toEqual(['book', 'commit', 'feed', 'push', 'queue']);
    const parentOf = (name: string) => spans.find(({ spanId }) => spanId === named(name).parentSpanId)?.name;
    expect(named('book').parentSpanId).toBe('');
    expect(['queue', 'commit', 'feed', 'push'].map(parentOf)).toEqual(['book', 'book', 'commit', 'feed']);
    const order = ['queue', 'commit', 'feed', 'push'].flatMap((name) => [named(name).start, named(name).end]);
    expect(order).toEqual(order.toSorted((a, b) => Number(a - b)));
    expect(named('book').end).toBeGreaterThanOrEqual(named('commit').end);
    expect(named('commit').attributes).toMatchObject({ 'frontrow.batch_size': expect.anything() });
  });

  it('no command is followed if the share is 0, and a collector that is away delays no end of the server', async (t) => {
    const collector = await otlpCollector(t);
    const none = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '0' };
    const app = await testApp(t, { env: none });
    await (await app.register('alice')).must('listBookings', {});
    await app.close();
    expect(collector.spans).toEqual([]);
    const away = await testApp(t, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' } });
    await (await away.register('bob')).must('listBookings', {});
    const closedMs = performance.now();
    await away.close();
    expect(performance.now() - closedMs).toBeLessThan(5_000);
  });
});

/** The interfaces of OpenTelemetry, which the library of the metrics loads for its exemplars. */
const INTERFACES = '/@opentelemetry/api/';

describe('modules that trace', () => {
  async function loadedBy(settings: Record<string, string>): Promise<string[]> {
    const hook = new URL('../support/say-modules.js', import.meta.url).href;
    const server = await startServer({ MONGO_URI: testDatabaseUri(), NODE_OPTIONS: `--import=${hook}`, ...settings });
    await fetch(`${server.url}/en`);
    expect(await server.end('SIGTERM')).toBe(0);
    const loaded: string[] = server.output().match(/^loads .*$/gm) ?? [];
    expect(loaded.some((line) => line.includes(INTERFACES))).toBe(true);
    return loaded.filter((line) => !line.includes(INTERFACES));
  }

  it('are loaded by a server with a collector, and by no other', async () => {
    const collected = await loadedBy({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    for (const one of ['/sdk-trace/', '/exporter-trace-otlp-http/', '/server/src/tracing/otlp.ts'])
      expect([one, collected.some((line) => line.includes(one))]).toEqual([one, true]);
    expect(await loadedBy({})).toEqual([]);
  }, 120_000);
});
