import { randomBytes } from 'node:crypto';
import type { Collection } from 'mongodb';
import mongoose from 'mongoose';
import type { EventDoc } from '#server/models/event.ts';
import type { ListEventsInput } from '#shared/event.ts';
import { inParallel } from '../../scripts/load/in-parallel.ts';
import type { FigureRound } from '../all/figure.ts';
import type { GroupContext, GroupFigures } from '../all/group.ts';
import { median } from '../median.ts';
import { createCpuMeter } from '../probes/cpu.ts';
import { repeatFor } from '../probes/rate.ts';
import { startMeasuredServer } from '../testbed/measured-server.ts';
import { startScratchDatabase } from '../testbed/scratch-database.ts';
import { openSessions } from '../testbed/sessions.ts';
import { listedEvents, searchFor } from './listed-events.ts';
import { openReader } from './reader.ts';

const IN_FLIGHT = [1, 16, 64];
const READERS = 32;
const LIMIT = 20;

/** `listEvents` by sockets, against the same queries straight to MongoDB: M11. */
export async function measureListReads(context: GroupContext): Promise<GroupFigures> {
  const { sizes, log } = context;
  await using cleanup = new AsyncDisposableStack();
  const site = await openSite(cleanup, sizes.events);
  const page400 = Math.ceil((sizes.events / LIMIT) * 0.8);
  let searched = 0;
  const inputs = {
    page1: () => ({ page: 1, limit: LIMIT }),
    page400: () => ({ page: page400, limit: LIMIT }),
    // A search that was never asked before: no kept list answers it.
    search: () => ({ page: 1, limit: LIMIT, query: searchFor((searched += 1) % sizes.events) }),
  };
  await readBySockets(context, site, inputs.page1);
  const figures: Record<keyof typeof inputs, FigureRound[]> = { page1: [], page400: [], search: [] };
  const serverMs: number[] = [];
  while (figures.page1.length < sizes.rounds) {
    const first = await readFromDatabase(context, site, 1);
    const deep = await readFromDatabase(context, site, page400);
    const page1 = await readBySockets(context, site, inputs.page1);
    const page400Rate = await readBySockets(context, site, inputs.page400);
    const search = await readBySockets(context, site, inputs.search);
    figures.page1.push({ value: page1.rate, baseline: first });
    figures.page400.push({ value: page400Rate.rate, baseline: deep });
    figures.search.push({ value: search.rate, baseline: first });
    serverMs.push(page1.serverMs);
    const rates = [page1.rate, page400Rate.rate, search.rate, first, deep].map(Math.round);
    log(
      `round ${figures.page1.length}: page 1, 400, search ${rates.slice(0, 3).join(', ')}/s; MongoDB ${rates.slice(3).join(', ')}/s`,
    );
  }
  return {
    rounds: { 'M11 page 1': figures.page1, 'M11 page 400': figures.page400, 'M11 search': figures.search },
    costs: { listServerMs: median(serverMs) },
  };
}

type Site = Awaited<ReturnType<typeof openSite>>;

/** A database with the events, a server that was started with them, and its readers. */
async function openSite(cleanup: AsyncDisposableStack, count: number) {
  const { uri } = await startScratchDatabase(cleanup, () => undefined);
  const secret = randomBytes(32).toString('hex');
  const { connection, tokens } = await openSessions(uri, secret, READERS);
  cleanup.defer(() => connection.close());
  const client = new mongoose.mongo.MongoClient(uri, { maxPoolSize: Math.max(...IN_FLIGHT) });
  await client.connect();
  cleanup.defer(() => client.close());
  const events = client.db().collection<EventDoc>('events');
  await events.insertMany(listedEvents(count, new Date()));
  const server = await startMeasuredServer({ mongoUri: uri, secret, profile: null });
  cleanup.defer(() => server.stop());
  const readers = await inParallel(tokens, READERS, (token) => openReader(server.port, token));
  cleanup.defer(() => readers.forEach((reader) => reader.close()));
  return { events, readers, pid: server.pid };
}

async function readBySockets(
  { sizes, signal }: GroupContext,
  { readers, pid }: Site,
  input: () => Partial<ListEventsInput>,
): Promise<{ rate: number; serverMs: number }> {
  const cpu = createCpuMeter({ server: pid });
  const { count, seconds } = await cpu.during(() =>
    repeatFor({ inFlight: readers.length, seconds: sizes.seconds, signal }, async (loop) =>
      readers[loop]?.read('listEvents', JSON.stringify(input())),
    ),
  );
  return { rate: count / seconds, serverMs: cpu.msEach(count)['server'] ?? 0 };
}

/** Reads per second, the best of all numbers in flight. */
async function readFromDatabase({ sizes, signal }: GroupContext, { events }: Site, page: number): Promise<number> {
  let best = 0;
  for (const inFlight of IN_FLIGHT) {
    const { count, seconds } = await repeatFor({ inFlight, seconds: sizes.seconds, signal }, () =>
      readPage(events, page),
    );
    best = Math.max(best, count / seconds);
  }
  return best;
}

async function readPage(events: Collection<EventDoc>, page: number): Promise<void> {
  const filter = { status: 'published' as const, startsAt: { $gte: new Date() } };
  const skip = (page - 1) * LIMIT;
  const [found] = await Promise.all([
    events.find(filter).sort({ startsAt: 1, _id: 1 }).skip(skip).limit(LIMIT).toArray(),
    events.countDocuments(filter),
  ]);
  if (found.length === 0) throw new Error('The page is empty: it would measure nothing');
}
