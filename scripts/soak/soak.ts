import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Event } from '#shared/event.ts';
import { sleepOrAbort } from '#server/sleep.ts';
import { createHotEvent } from '../../bench/testbed/hot-event.ts';
import { startScratchDatabase } from '../../bench/testbed/scratch-database.ts';
import { openSessions } from '../../bench/testbed/sessions.ts';
import { say } from '../setup/say.js';
import { brokenInvariants } from './invariants.ts';
import type { Load } from './load/load.ts';
import { startLoad } from './load/load.ts';
import type { SoakOptions } from './options.ts';
import { checksOf, FEWEST_SAMPLES } from './report/checks.ts';
import type { SoakResult } from './report/report.ts';
import type { Sample } from './samples.ts';
import { takeSample } from './samples.ts';
import type { SoakServers } from './servers.ts';
import { startServers } from './servers.ts';

/** Samples of a whole run, but not more than one in two seconds. */
const SAMPLES = 120;
const SHORTEST_MS = 2_000;
const FEW_SEATS = 40;
const FREE = { amount: 0, currency: 'EUR' };
const PRICE = { amount: 2_000, currency: 'EUR' };

/** Starts database and servers, loads them until the time is over or the signal comes, and compares. */
export async function runSoak(options: SoakOptions, interrupt: AbortSignal): Promise<SoakResult> {
  await using cleanup = new AsyncDisposableStack();
  const mongod = await startScratchDatabase(cleanup, say);
  const secret = randomBytes(32).toString('hex');
  const { connection, database, adminToken, tokens } = await openSessions(mongod.uri, secret, options.buyers);
  cleanup.defer(() => connection.close());
  const servers = await startServers({ mongoUri: mongod.uri, secret, cleanup });
  const { steady, mortalUrl } = servers;
  const create = (...terms: EventTerms) => newEvent(steady.port, adminToken, ...terms);
  const events = {
    free: await create(FREE),
    // A buyer without a hold pays again: abandoned holds must end soon.
    priced: await create(PRICE, { holdMinutes: 1 }),
    small: await create(FREE, { totalSeats: FEW_SEATS }),
  };

  const startedMs = performance.now();
  const seconds = () => (performance.now() - startedMs) / 1_000;
  const failed = new AbortController();
  const over = AbortSignal.any([interrupt, failed.signal, AbortSignal.timeout(options.minutes * 60_000)]);
  // Each part of the load adds a listener, and Node warns from the eleventh on.
  setMaxListeners(0, over);
  const { visitors, seed } = options;
  const urls = { steadyUrl: steady.url, mortalUrl };
  const load = await startLoad({ ...urls, tokens, adminToken, events, visitors, seed, signal: over });
  load.running.catch(() => failed.abort());
  const pids = { serverPid: steady.pid, databasePid: mongod.pid, database };
  const take = () => takeSample(pids, { seconds: seconds(), bookings: load.acknowledged.size });
  const watching = Promise.all([sampleUntil(over, options, take), killUntil(over, servers, options.killEvery * 1_000)]);
  watching.catch(() => failed.abort());
  const [samples, kills] = await watching;
  const minutes = seconds() / 60;
  await load.end();
  say('The load is over; waiting for jobs and payments that are under way …');
  const broken = await brokenInvariants(database, load.acknowledged);
  return resultOf({ minutes, kills, load, samples, broken });
}

type EventTerms = [price: typeof FREE, more?: Parameters<typeof createHotEvent>[3]];

async function newEvent(port: number, adminToken: string, ...terms: EventTerms): Promise<Event> {
  const id = await createHotEvent(port, adminToken, ...terms);
  return (await (await fetch(`http://127.0.0.1:${port}/api/events/${id}`)).json()) as Event;
}

/** Kills the mortal server at these intervals; resolves with the number of kills. */
async function killUntil(over: AbortSignal, servers: SoakServers, everyMs: number): Promise<number> {
  for (let kills = 0; ; kills += 1) {
    await sleepOrAbort(everyMs, over);
    if (over.aborted) return kills;
    await servers.killAndStart();
  }
}

async function sampleUntil(
  over: AbortSignal,
  { minutes }: SoakOptions,
  take: () => Promise<Sample>,
): Promise<Sample[]> {
  const everyMs = Math.max(SHORTEST_MS, (minutes * 60_000) / SAMPLES);
  const samples: Sample[] = [];
  for (;;) {
    await sleepOrAbort(everyMs, over);
    if (over.aborted) return samples;
    const sample = await take();
    samples.push(sample);
    say(sampleText(sample));
  }
}

function sampleText({ seconds, server, dueJobs, bookings }: Sample): string {
  const uses = `${server.memoryMiB.toFixed(0)} MiB, ${server.handles} open files`;
  return `${seconds.toFixed(0)} s: ${bookings.toLocaleString('en')} bookings; server ${uses}; ${dueJobs} jobs due`;
}

interface Findings {
  minutes: number;
  kills: number;
  load: Load;
  samples: readonly Sample[];
  broken: readonly string[];
}

function resultOf({ minutes, kills, load, samples, broken }: Findings): SoakResult {
  const { lostConnections, refused, stopped } = load.tally.figures(minutes * 60);
  const isShort = samples.length < FEWEST_SAMPLES;
  const problems = [
    ...broken,
    ...(isShort ? [`${samples.length} samples are too few to see growth: let it run longer`] : []),
    ...(refused['INTERNAL'] ? [`${refused['INTERNAL']} commands were answered INTERNAL`] : []),
    ...Object.entries(stopped).map(([reason, count]) => `${count} buyers stopped: ${reason}`),
  ];
  const checks = isShort ? [] : checksOf(samples);
  return { minutes, bookings: load.acknowledged.size, kills, lostConnections, checks, problems };
}
