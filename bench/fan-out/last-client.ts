import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import { Latencies } from '../../scripts/load/latencies.ts';
import type { FigureRound } from '../all/figure.ts';
import type { GroupContext, GroupFigures } from '../all/group.ts';
import { openReader } from '../lists/reader.ts';
import { assertAgreement } from '../probes/agreement.ts';
import { createHotEvent } from '../testbed/hot-event.ts';
import type { Testbed } from '../testbed/testbed.ts';
import { openTestbed } from '../testbed/testbed.ts';
import { startBareServer } from './bare.ts';
import type { Watchers } from './watchers.ts';
import { startWatchers } from './watchers.ts';

const FREE = { amount: 0, currency: 'EUR' };
const WARM_UP_CHANGES = 20;

/**
 * The time from a commit until the last client has its frame, against a bare change stream with a bare broadcast: M9. The
 * one seat of an event is booked and given back: what sells out or becomes available again is pushed at once, whatever
 * the pace of frames.
 */
export async function measureLastClient({ sizes, signal, log }: GroupContext): Promise<GroupFigures> {
  await using cleanup = new AsyncDisposableStack();
  const testbed = await openTestbed({ buyers: 1, price: FREE, profile: null, log: () => undefined });
  cleanup.defer(() => testbed.close());
  const seat = await openSeat(testbed);
  cleanup.defer(() => seat.close());
  const bare = await startBareServer();
  cleanup.defer(() => bare.stop());
  const changes = await openBareChanges(testbed.mongoUri);
  cleanup.defer(() => changes.close());
  await bare.follow(testbed.mongoUri);
  const [watchers, bareWatchers] = [startWatchers(), startWatchers()];
  cleanup.defer(async () => void (await Promise.all([watchers.stop(), bareWatchers.stop()])));
  const count = sizes.lastClients;
  await watchers.open('public', testbed.port, count);
  await bareWatchers.open('bare', bare.port, count);

  const ofServer = (until: Until) => lastClientTimes({ watchers, count, change: seat.change, signal }, until);
  const ofBare = (until: Until) =>
    lastClientTimes({ watchers: bareWatchers, count, change: changes.change, signal }, until);
  for (const measure of [ofServer, ofBare]) await measure((made) => made >= WARM_UP_CHANGES);
  const rounds: FigureRound[] = [];
  while (rounds.length < sizes.rounds) {
    const value = (await ofServer(secondsFrom(sizes.seconds))).percentile(99);
    const baseline = (await ofBare(secondsFrom(sizes.seconds))).percentile(99);
    rounds.push({ value, baseline });
    log(`round ${rounds.length}: the last client after ${value.toFixed(1)} ms, bare ${baseline.toFixed(1)} ms`);
  }
  await assertAgreement(testbed.database, seat.booked);
  return { rounds: { M9: rounds } };
}

/** Whether the measurement is over, after so many changes. */
type Until = (made: number) => boolean;

function secondsFrom(seconds: number): Until {
  const endMs = performance.now() + seconds * 1_000;
  return () => performance.now() >= endMs;
}

interface Broadcasting {
  watchers: Watchers;
  count: number;
  /** Commits a change that is broadcast; resolves when the commit is known. */
  change: () => Promise<void>;
  signal: AbortSignal;
}

async function lastClientTimes({ watchers, count, change, signal }: Broadcasting, isOver: Until): Promise<Latencies> {
  const times = new Latencies();
  let received = await watchers.received();
  for (let made = 0; !isOver(made); made += 1) {
    signal.throwIfAborted();
    let arrivedMs = 0;
    const arrived = watchers.receivedAll(received + count).then((all) => {
      arrivedMs = performance.now();
      return all;
    });
    await change();
    const committedMs = performance.now();
    received = await arrived;
    times.record(Math.max(0, arrivedMs - committedMs));
  }
  return times;
}

/** An event of one seat, which its only buyer books and cancels in turn. */
async function openSeat({ port, adminToken, tokens }: Testbed) {
  const eventId = await createHotEvent(port, adminToken, FREE, { totalSeats: 1 });
  const buyer = await openReader(port, tokens[0] ?? '');
  let bookingId: string | null = null;
  let booked = 0;
  return {
    async change(): Promise<void> {
      if (bookingId === null) {
        const reply = await buyer.read('book', JSON.stringify({ requestId: randomUUID(), eventId, seats: 1 }));
        bookingId = /"id":"([0-9a-f]{24})"/.exec(reply.toString())?.[1] ?? null;
        booked += 1;
      } else {
        await buyer.read('cancelBooking', JSON.stringify({ bookingId }));
        bookingId = null;
      }
    },
    get booked(): number {
      return booked;
    },
    close: () => buyer.close(),
  };
}

/** Changes that only the bare server follows. */
async function openBareChanges(uri: string) {
  const client = new mongoose.mongo.MongoClient(uri, { maxPoolSize: 1 });
  await client.connect();
  const changes = client.db('bench_bare').collection('changes');
  await changes.insertOne({});
  return {
    change: async (): Promise<void> => void (await changes.insertOne({ at: new Date() })),
    close: () => client.close(),
  };
}
