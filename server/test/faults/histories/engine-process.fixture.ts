// An engine in a process of its own: commands and answers are messages. The message `dieAt` makes the process kill
// itself at a given packet to the database, before or after sending that packet.
import { flushCompileCache } from 'node:module';
import { createEngine } from '#server/booking/engine/engine.ts';
import { bookingStore } from '#server/booking/store/collections.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { killAtPacket } from '../../support/kill-at-packet.ts';
import { quiet } from '../../support/quiet.ts';
import type { FromEngine, ToEngine } from './engine-process.ts';

const clock = { now: 0 };
const connection = await connectMongo(process.argv[2] ?? '');
const client = connection.getClient();
const engine = createEngine({
  store: bookingStore({ client, database: client.db(connection.name) }),
  now: () => new Date(clock.now),
  monotonic: () => performance.now(),
  random: Math.random,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  log: quiet,
});

function send(message: FromEngine): void {
  process.send?.(message);
}

process.on('message', (message: ToEngine) => {
  if ('dieAt' in message) return killAtPacket(message.dieAt);
  clock.now = message.now;
  const { n, eventId, command } = message;
  engine.submit(eventId, command).then(
    (settled) => send({ n, settled }),
    (error: unknown) => send({ n, defect: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
// The process that replaces this one after its death starts faster from the compile cache.
flushCompileCache();
send({ ready: true });
