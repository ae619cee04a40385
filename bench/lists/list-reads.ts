import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import mongoose from 'mongoose';
import type { EventDoc } from '#server/models/event.ts';
import type { ListEventsInput } from '#shared/event.ts';
import { inParallel } from '../../scripts/load/in-parallel.ts';
import type { FigureRound } from '../all/figure.ts';
import type { GroupContext, GroupFigures } from '../all/group.ts';
import { COLLECTING, residentWithoutGarbage } from '../idle/memory.ts';
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
/** Events on the largest page, and such pages that are read before the memory is: deep ones are slow. */
const MOST_LISTED = 100;
const MOST_PAGES = 100;
/** A deep page may be refused as BUSY on a machine with other work. */
const BUSY_MS = 1_000;

/** `listEvents` by sockets, against the same queries straight to MongoDB: M11. */
export async function measureListReads(context: GroupContext): Promise<GroupFigures> {
  const measured = await measureReads(context);
  const few = await memoryOfEvents(context.sizes.events);
  const many = await memoryOfEvents(context.sizes.events * 10);
  return {
    rounds: measured.rounds,
    costs: { ...measured.costs, tenThousandEventsMb: few / 1_000_000, hundredThousandEventsMb: many / 1_000_000 },
  };
}

async function measureReads(context: GroupContext): Promise<GroupFigures> {
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
  // The first search makes the index of the events; the first reads find no kept lists and cold code.
  for (const input of Object.values(inputs)) await readBySockets(context, site, input);
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
  const server = await startMeasuredServer({ mongoUri: uri, secret, profile: null, nodeFlags: COLLECTING });
  cleanup.defer(() => server.stop());
  const readers = await inParallel(tokens, READERS, (token) => openReader(server.port, token));
  cleanup.defer(() => readers.forEach((reader) => reader.close()));
  return { events, readers, pid: server.pid };
}

/** Bytes of a server, without garbage, that was started with so many events and has shown the pages of its list. */
async function memoryOfEvents(count: number): Promise<number> {
  await using cleanup = new AsyncDisposableStack();
  const { readers, pid } = await openSite(cleanup, count);
  const pages = Math.min(MOST_PAGES, Math.ceil(count / MOST_LISTED));
  const [reader] = readers;
  for (let page = 1; page <= pages; page += 1) {
    const input = JSON.stringify({ page, limit: MOST_LISTED });
    await reader?.read('listEvents', input).catch(() => sleep(BUSY_MS));
  }
  const bytes = await residentWithoutGarbage(pid);
  return bytes;
}

async function readBySockets(
  { sizes, signal }: GroupContext,
  { readers, pid }: Site,
  input: () => Partial<ListEventsInput>,
): Promise<{ rate: number; serverMs: number }> {
  const cpu = createCpuMeter({ server: pid });
  const { count, seconds } = await cpu.during(() =>
    repeatFor({ inFlight: readers.length, seconds: sizes.seconds, signal }, async (loop) => {
      await readers[loop]?.read('listEvents', JSON.stringify(input()));
    }),
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
