import { readdir, readFile } from 'node:fs/promises';
import type { Db } from 'mongodb';

/** What a process uses. */
interface ProcessUse {
  memoryMiB: number;
  /** Open files and sockets. */
  handles: number;
}

/** Everything that must not grow, at one moment of the soak. */
export interface Sample {
  seconds: number;
  server: ProcessUse;
  database: ProcessUse;
  /** Number of documents by collection. */
  documents: Record<string, number>;
  /** Jobs that are due or running. */
  dueJobs: number;
  /** Bookings acknowledged so far. */
  bookings: number;
}

interface SampleOptions {
  serverPid: number;
  databasePid: number;
  database: Db;
}

/** Takes a sample. `seconds` and `bookings` are the caller's. */
export async function takeSample(
  { serverPid, databasePid, database }: SampleOptions,
  { seconds, bookings }: Pick<Sample, 'seconds' | 'bookings'>,
): Promise<Sample> {
  const names = (await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort();
  const documents: Record<string, number> = {};
  for (const name of names) documents[name] = await database.collection(name).estimatedDocumentCount();
  return {
    seconds,
    bookings,
    server: await processUse(serverPid),
    database: await processUse(databasePid),
    documents,
    dueJobs: await dueJobs(database),
  };
}

async function processUse(pid: number): Promise<ProcessUse> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kiB = 'NaN'] = /VmRSS:\s+(\d+) kB/.exec(status) ?? [];
  return { memoryMiB: Number(kiB) / 1_024, handles: (await readdir(`/proc/${pid}/fd`)).length };
}

/** Jobs that wait for their first attempt or their next one, and those that run. */
export function dueJobs(database: Db): Promise<number> {
  const due = { state: 'waiting', nextAt: { $lte: new Date() } };
  return database.collection('jobs').countDocuments({ $or: [due, { state: 'running' }] });
}
