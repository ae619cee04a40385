import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { databaseProxy } from '../support/database/database-proxy.ts';
import { startServer } from '../support/server-process.ts';
import { testApp } from '../support/test-app.ts';

/** Long enough for a second line of each kind of failure. */
const OUTAGE_MS = 20_000;
const REQUEST_EVERY_MS = 500;
/** Lines of one kind in an outage of this length: the first one, and one after ten seconds. */
const LINES_OF_A_KIND = 2;

interface Line {
  level: number;
  msg: string;
  err?: object;
}

/** The warnings and errors of a log. */
function failuresIn(output: string): Line[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Line).filter(({ level }) => level >= 40);
}

/** A proxy that can cut the database off. */
async function breakableProxy() {
  const sockets = new Set<Socket>();
  let isBroken = false;
  const proxy = await databaseProxy((inner, outer) => {
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      if (isBroken) socket.destroy();
    }
    inner.pipe(outer).pipe(inner);
  });
  return {
    ...proxy,
    setBroken(broken: boolean): void {
      isBroken = broken;
      if (broken) for (const socket of sockets) socket.destroy();
    },
  };
}

it(
  'an outage of the database fills no log: each kind of failure has a line with its cause, then few without, and its end has one',
  { timeout: 120_000 },
  async (t) => {
    const proxy = await breakableProxy();
    const { mongoUri } = await testApp(t, { isIdle: true });
    const server = await startServer({ MONGO_URI: proxy.through(mongoUri), LOG_LEVEL: 'info' });
    t.onTestFinished(async () => {
      await server.end('SIGKILL');
      await proxy.close();
    });
    const before = failuresIn(server.output()).length;
    proxy.setBroken(true);
    for (let passedMs = 0; passedMs < OUTAGE_MS; passedMs += REQUEST_EVERY_MS) {
      void fetch(`${server.url}/api/events`).catch(() => undefined);
      await sleep(REQUEST_EVERY_MS);
    }
    proxy.setBroken(false);
    const isOver = () => server.output().includes('The database answers again');
    await expect.poll(isOver, { timeout: 60_000, interval: 500 }).toBe(true);
    const lines = failuresIn(server.output()).slice(before);
    const kinds = Map.groupBy(lines, ({ msg }) => msg);
    expect(kinds.size).toBeGreaterThan(3);
    for (const [message, ofKind] of kinds) {
      expect(ofKind.length, message).toBeLessThanOrEqual(LINES_OF_A_KIND + 1);
      expect(ofKind.filter(({ err }) => err !== undefined).length, message).toBe(1);
    }
    expect(server.output().split('The database answers again')).toHaveLength(2);
    expect(await server.end('SIGTERM')).toBe(0);
  },
);
