import { randomBytes } from 'node:crypto';
import type { Money } from '#shared/protocol/primitives.ts';
import { createHotEvent } from './hot-event.ts';
import type { MeasuredServer } from './measured-server.ts';
import { startMeasuredServer } from './measured-server.ts';
import { startScratchDatabase } from './scratch-database.ts';
import { openSessions } from './sessions.ts';

interface TestbedOptions {
  buyers: number;
  /** Price of a seat; the amount 0 makes the event free. */
  price: Money;
  /** Number of servers, 1 by default. */
  servers?: number;
  /** Whether each server has its own hot event. */
  apart?: boolean;
  /** Folder for the servers' processor profiles, or null for none. */
  profile: string | null;
  /** Settings of the servers that differ from those of the other measurements. */
  settings?: Readonly<Record<string, string>>;
  log: (line: string) => void;
}

export type Testbed = Awaited<ReturnType<typeof openTestbed>>;

/**
 * A scratch database, the real servers as processes, buyers with sessions, and one event with a million seats. `close`
 * stops and removes all of it; if opening fails, the opened part is stopped and removed at once.
 */
export async function openTestbed(options: TestbedOptions) {
  const { buyers, price, servers: count = 1, apart = false, profile, settings = {}, log } = options;
  await using cleanup = new AsyncDisposableStack();
  const mongod = await startScratchDatabase(cleanup, log);
  const secret = randomBytes(32).toString('hex');
  const { connection, database, adminToken, tokens } = await openSessions(mongod.uri, secret, buyers);
  cleanup.defer(() => connection.close());
  const servers: MeasuredServer[] = [];
  while (servers.length < count) {
    const server = await startMeasuredServer({ mongoUri: mongod.uri, secret, profile, settings });
    cleanup.defer(() => server.stop());
    servers.push(server);
  }
  const ports = servers.map(({ port }) => port);
  const [port = 0] = ports;
  const eventId = await createHotEvent(port, adminToken, price);
  const eventIds = [eventId];
  while (eventIds.length < count) eventIds.push(apart ? await createHotEvent(port, adminToken, price) : eventId);
  const opened = cleanup.move();
  return {
    mongoUri: mongod.uri,
    mongodbVersion: mongod.version,
    database,
    ports,
    /** Port of the first server. */
    port,
    tokens,
    adminToken,
    /** For each server the event that its buyers book. */
    eventIds,
    /** The event of the first server's buyers. */
    eventId,
    pids: { ...serverPids(servers), mongod: mongod.pid },
    close: () => opened.disposeAsync(),
  };
}

function serverPids(servers: readonly MeasuredServer[]): Record<string, number> {
  const name = (index: number) => (servers.length === 1 ? 'server' : `server ${index + 1}`);
  return Object.fromEntries(servers.map(({ pid }, index) => [name(index), pid]));
}
