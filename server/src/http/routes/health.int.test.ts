import { readFile } from 'node:fs/promises';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { readBuild } from '#server/build.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { tcpProxy } from '../../../test/support/database/feed-faults.ts';
import { testDatabaseUri } from '../../../test/support/database/test-database.ts';
import { testApp } from '../../../test/support/test-app.ts';

/** A started server, the proxy to its database, and a function that reads its health checks. */
async function serving(t: TestContext) {
  const proxy = await tcpProxy();
  const { app, close, register } = await testApp(t, { mongoUri: await proxy.through(testDatabaseUri()) });
  const get = async (name: 'live' | 'ready') => {
    const reply = await app.http.inject({ url: `/api/health/${name}` });
    const { error, ...body } = reply.json();
    return { status: reply.statusCode, body, details: error?.details };
  };
  return { app, close, proxy, register, get };
}

describe('GET /api/health/ready', () => {
  it('is 200 with the version of the server while all its parts work', async (t) => {
    const { get } = await serving(t);
    const { version } = JSON.parse(await readFile(new URL('../../../../package.json', import.meta.url), 'utf8'));
    const { status, body } = await get('ready');
    expect([status, body]).toEqual([200, { status: 'ready', version, commit: readBuild().commit }]);
  });

  it('is 503 without the database, and /live stays 200', async (t) => {
    const { proxy, get } = await serving(t);
    proxy.cut();
    expect(await get('ready')).toMatchObject({ status: 503, details: { database: false, open: true } });
    expect(await get('live')).toMatchObject({ status: 200 });
    proxy.heal();
  });

  it('is 503 without the change feed, and /live stays 200', async (t) => {
    const { app, get } = await serving(t);
    await app.live.feed.stop();
    const details = { database: true, changeFeed: false, open: true };
    expect(await get('ready')).toMatchObject({ status: 503, details });
    expect(await get('live')).toMatchObject({ status: 200 });
  });

  it('is 503 while the server closes, and /live stays 200', async (t) => {
    const { app, close, register, get } = await serving(t);
    const alice = await register('alice');
    const gate = Promise.withResolvers<void>();
    app.bookings.get = async () => {
      await gate.promise;
      return refuse('NOT_FOUND');
    };
    const inFlight = alice.send('getBooking', { bookingId: 'a'.repeat(24) });
    await expect.poll(() => app.sockets.counts.inFlight).toBe(1);
    const closing = close();
    expect(await get('ready')).toMatchObject({ status: 503, details: { database: true, open: false } });
    expect(await get('live')).toMatchObject({ status: 200 });
    gate.resolve();
    await Promise.all([inFlight, closing]);
  });
});
