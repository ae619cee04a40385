import { MAX_SEATS } from '#shared/protocol/primitives.ts';
import type { GroupContext, GroupFigures } from '../all/group.ts';
import { bookingRate } from '../bookings/raw-loop-report.ts';
import type { RawLoop, RawWay } from '../bookings/raw-loop.ts';
import { openRawLoop } from '../bookings/raw-loop.ts';
import type { RoundTarget } from '../load/load.ts';
import { median } from '../median.ts';
import { createCpuMeter } from '../probes/cpu.ts';
import { createHotEvent } from '../testbed/hot-event.ts';
import { WARM_UP_SECONDS } from '../warm-up.ts';
import type { Sale } from './sale.ts';
import { openSale } from './sale.ts';

const IN_FLIGHT = [1, 16, 64];
const MANY_EVENTS = 64;
const FREE = { amount: 0, currency: 'EUR' };

/** Three types that share the seats, two of them with a limit that the filter of each batch repeats. */
const TYPES = [
  { name: 'Adult', price: FREE },
  { name: 'Child', price: FREE, limit: MAX_SEATS },
  { name: 'Member', price: FREE, limit: MAX_SEATS },
];

/**
 * Bookings on one event, against the raw driver's two ways to book and against bookings over many events: M1 to M4; and
 * bookings on an event with three ticket types against those on an event with one.
 */
export async function measureHotSale({ sizes, signal, log }: GroupContext): Promise<GroupFigures> {
  const { rounds, seconds, sockets } = sizes;
  await using cleanup = new AsyncDisposableStack();
  const sale = await openSale({ buyers: sockets, signal });
  cleanup.defer(() => sale.close());
  const { mongoUri, pids } = sale.testbed;
  const raw = await openRawLoop({ uri: mongoUri, indexed: false, signal });
  cleanup.defer(() => raw.close());
  const manyEvents = { eventIds: await createEvents(sale) };
  const ofTypes = await createTypedEvent(sale);
  const rawPids = { raw: process.pid, mongod: pids['mongod'] ?? 0 };
  await raw.measure('plain', 16, Math.min(1, seconds));
  await sale.book(Math.min(WARM_UP_SECONDS, seconds), manyEvents);
  await sale.book(Math.min(WARM_UP_SECONDS, seconds), ofTypes);
  await sale.book(Math.min(WARM_UP_SECONDS, seconds));
  const measured: HotRound[] = [];
  while (measured.length < rounds) {
    const plain = await bestOf(raw, 'plain', seconds, rawPids);
    const transactions = await bestOf(raw, 'transaction', seconds, rawPids);
    const hot = await withCosts(sale, seconds);
    const typed = bookingRate(await sale.book(seconds, ofTypes));
    const spread = bookingRate(await sale.book(seconds, manyEvents));
    measured.push({ plain, transactions, hot, typed, spread });
    log(`round ${measured.length}: ${Math.round(hot.rate)} bookings/s, raw ${Math.round(plain.rate)}`);
  }
  const { stored } = await sale.finish();
  return figuresOf(measured, (await ledgerBytes(sale)) / stored.bookings);
}

interface HotRound {
  plain: RawBest;
  transactions: RawBest;
  hot: { rate: number; perCpuSecond: number; serverMs: number; databaseMs: number };
  typed: number;
  spread: number;
}

async function createEvents({ testbed }: Sale): Promise<string[]> {
  const eventIds: string[] = [];
  while (eventIds.length < MANY_EVENTS) eventIds.push(await createHotEvent(testbed.port, testbed.adminToken, FREE));
  return eventIds;
}

async function createTypedEvent({ testbed }: Sale): Promise<RoundTarget> {
  const eventId = await createHotEvent(testbed.port, testbed.adminToken, FREE, { ticketTypes: TYPES });
  return { eventIds: [eventId], types: TYPES.map((_, index) => `t${index + 1}`) };
}

async function ledgerBytes({ testbed: { database } }: Sale): Promise<number> {
  const [stats] = await database
    .collection('ledger')
    .aggregate<{ storageStats: { size: number } }>([{ $collStats: { storageStats: {} } }])
    .toArray();
  return stats?.storageStats.size ?? 0;
}

/** Bookings per second, and per processor-second of driver and database; each the best of all numbers in flight. */
interface RawBest {
  rate: number;
  perCpuSecond: number;
}

async function bestOf(raw: RawLoop, way: RawWay, seconds: number, pids: Record<string, number>): Promise<RawBest> {
  const best = { rate: 0, perCpuSecond: 0 };
  for (const inFlight of IN_FLIGHT) {
    const cpu = createCpuMeter(pids);
    const round = await cpu.during(() => raw.measure(way, inFlight, seconds));
    best.rate = Math.max(best.rate, bookingRate(round));
    best.perCpuSecond = Math.max(best.perCpuSecond, round.bookings / cpu.seconds());
  }
  return best;
}

async function withCosts(sale: Sale, seconds: number): Promise<HotRound['hot']> {
  const cpu = createCpuMeter(sale.testbed.pids);
  const round = await cpu.during(() => sale.book(seconds));
  const { server: serverMs = 0, mongod: databaseMs = 0 } = cpu.msEach(round.bookings);
  return { rate: bookingRate(round), perCpuSecond: 1_000 / (serverMs + databaseMs), serverMs, databaseMs };
}

function figuresOf(rounds: readonly HotRound[], bookingLedgerBytes: number): GroupFigures {
  return {
    rounds: {
      M1: rounds.map(({ hot, plain }) => ({ value: hot.rate, baseline: plain.rate })),
      'M1 types': rounds.map(({ hot, typed }) => ({ value: typed, baseline: hot.rate })),
      M2: rounds.map(({ hot, transactions }) => ({ value: hot.rate, baseline: transactions.rate })),
      M3: rounds.map(({ hot, spread }) => ({ value: hot.rate, baseline: spread })),
      M4: rounds.map(({ hot, plain }) => ({ value: hot.perCpuSecond, baseline: plain.perCpuSecond })),
    },
    costs: {
      bookingLedgerBytes,
      bookingServerMs: median(rounds.map(({ hot }) => hot.serverMs)),
      bookingDatabaseMs: median(rounds.map(({ hot }) => hot.databaseMs)),
    },
  };
}
