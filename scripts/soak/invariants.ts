import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import mongoose from 'mongoose';
import { createReconcile } from '#server/booking/reconcile/reconcile.ts';
import { dueJobs } from './samples.ts';

/** Jobs that are done within this time after the load, and payments that are under way. */
const SETTLED_WITHIN_MS = 240_000;
const RETRY_MS = 2_000;
const CHUNK = 10_000;

/**
 * What is wrong with the stored data after the load, as sentences; empty if every event's counters, bookings, ledger and
 * payments agree, nothing is oversold, every acknowledged booking is stored, and no job is left.
 */
export async function brokenInvariants(database: Db, acknowledged: ReadonlySet<string>): Promise<string[]> {
  const endsAtMs = performance.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const unsettled = [...(await leftJobs(database)), ...(await differences(database))];
    if (unsettled.length === 0 || performance.now() > endsAtMs)
      return [...unsettled, ...(await oversold(database)), ...(await missing(database, acknowledged))];
    await sleep(RETRY_MS);
  }
}

async function leftJobs(database: Db): Promise<string[]> {
  const due = await dueJobs(database);
  const failed = await database.collection('jobs').countDocuments({ state: 'failed' });
  return [...(due > 0 ? [`${due} jobs are left`] : []), ...(failed > 0 ? [`${failed} jobs have failed for good`] : [])];
}

async function differences(database: Db): Promise<string[]> {
  const found: string[] = [];
  for await (const { title, differences: of } of createReconcile({ client: database.client, database }).check())
    found.push(...of.map(({ what }) => `${title}: ${what}`));
  return found;
}

async function oversold(database: Db): Promise<string[]> {
  const isOversold = { $expr: { $gt: [{ $add: ['$heldSeats', '$soldSeats'] }, '$totalSeats'] } };
  const count = await database.collection('events').countDocuments(isOversold);
  return count > 0 ? [`${count} events are oversold`] : [];
}

async function missing(database: Db, acknowledged: ReadonlySet<string>): Promise<string[]> {
  const ids = [...acknowledged].map((id) => mongoose.Types.ObjectId.createFromHexString(id));
  let stored = 0;
  for (let from = 0; from < ids.length; from += CHUNK) {
    const chunk = ids.slice(from, from + CHUNK);
    stored += await database.collection('bookings').countDocuments({ _id: { $in: chunk } });
  }
  return stored < ids.length ? [`${ids.length - stored} of ${ids.length} acknowledged bookings are not stored`] : [];
}
