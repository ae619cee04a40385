import type { Now } from '#server/clock.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import type { Log } from '#server/log.ts';
import { insertMissingJobs, newJobDoc } from '#server/models/job.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { Models } from '#server/models/models.ts';
import { lowestIdAt } from '#server/models/servers/watermark.ts';
import { isAddedAfterCommit, NOTIFY_BOOKINGS, notificationJobs, notificationKey } from '../rules/notify.ts';

const SWEEP_MS = 10_000;
/** Younger documents are left to the server that has committed them. */
const YOUNG_MS = 3_000;
/** No batch that was decided longer ago can still be committed: the database ends its transaction after a minute. */
const SETTLED_MS = 120_000;
const AT_ONCE = 500;
const DAY_MS = 86_400_000;
const WATERMARK = 'booking-notifications';

interface MissingJobsOptions {
  models: Pick<Models, 'ledger' | 'jobs' | 'watermarks'>;
  /** Days that done jobs are kept. For an older ledger document the database no longer says whether its job was done. */
  doneJobDays: number;
  now: Now;
  log: Pick<Log, 'info'>;
}

type DocumentId = LedgerDoc['_id'];
type NumberedBatch = Pick<LedgerDoc, '_id' | 'eventId' | 'seq'>;

/**
 * Adds the notification jobs that servers could not add after their commits: a job whose key is stored was added. Looks
 * at the ledger from the watermark on, which follows at a distance, because a batch that was decided first may be
 * committed last. The first watermark is the time of the first start: batches of before have stored their jobs
 * themselves.
 */
export function createMissingJobsSweep({ models, doneJobDays, now, log }: MissingJobsOptions): SweepTask {
  const { ledger, jobs, watermarks } = models;
  const first = settledIdAt(now());
  /** Documents from the watermark on that need no further look. */
  let seen = new Set<string>();

  async function sweep(closing: AbortSignal): Promise<number> {
    const at = now();
    const settled = settledIdAt(at);
    const stored = await watermarks.findById(WATERMARK).lean();
    const stillSeen = new Set<string>();
    let isBehind = stored === null;
    const unseen: DocumentId[] = [];
    for await (const { _id } of idsFrom(start(stored?.from ?? first, settled, at), at)) {
      if (closing.aborted) return SWEEP_MS;
      const id = _id.toHexString();
      if (!seen.has(id)) unseen.push(_id);
      if (id < settled.toHexString()) isBehind = true;
      else stillSeen.add(id);
      if (unseen.length === AT_ONCE) await addMissing(unseen.splice(0));
    }
    await addMissing(unseen);
    if (isBehind) await watermarks.updateOne({ _id: WATERMARK }, { $set: { from: settled } }, { upsert: true });
    seen = stillSeen;
    return SWEEP_MS;
  }

  /** Ids of ledger documents in their order, by the index alone. */
  function idsFrom(from: DocumentId, at: Date) {
    const _id = { $gte: from, $lt: lowestIdAt(new Date(at.getTime() - YOUNG_MS)) };
    return ledger.find({ _id }, { _id: 1 }).sort({ _id: 1 }).lean<Pick<LedgerDoc, '_id'>[]>().cursor();
  }

  /** Never ahead of what may still be committed: the clock of a new primary may be behind that of the last one. */
  function start(watermark: DocumentId, settled: DocumentId, at: Date): DocumentId {
    const oldest = lowestIdAt(new Date(at.getTime() - doneJobDays * DAY_MS));
    return [oldest, watermark, settled].toSorted(byHex)[1] ?? settled;
  }

  async function addMissing(ids: readonly DocumentId[]): Promise<void> {
    if (ids.length === 0) return;
    const batches = await ledger.find({ _id: { $in: ids } }, { eventId: 1, seq: 1 }).lean<NumberedBatch[]>();
    const keys = batches.map(keyOf);
    const added = new Set((await jobs.find({ key: { $in: keys } }, { key: 1, _id: 0 }).lean()).map(({ key }) => key));
    const suspects = batches.filter((batch) => !added.has(keyOf(batch))).map(({ _id }) => _id);
    if (suspects.length === 0) return;
    const wanted = { eventId: 1, seq: 1, at: 1, 'entries.kind': 1, ...BOOKING_FIELDS };
    const docs = await ledger
      .find({ _id: { $in: suspects } }, wanted)
      .sort({ _id: 1 })
      .lean<LedgerDoc[]>();
    const missing = docs.flatMap(({ eventId, seq, at, entries }) =>
      notificationJobs(eventId.toHexString(), seq, entries)
        .filter(isAddedAfterCommit)
        .map((job) => newJobDoc(job, at)),
    );
    if (missing.length === 0) return;
    log.info({ count: missing.length }, 'Notification jobs that a server could not add are added now');
    await insertMissingJobs(models, missing);
  }

  return { sweep, everyMs: SWEEP_MS, failure: 'The sweep of missing notification jobs failed and will be retried' };
}

/** What `notificationJobs` asks of a booking. */
const BOOKING_FIELDS = { 'entries.booking.status': 1, 'entries.booking.source': 1, 'entries.booking.ended': 1 };

function settledIdAt(at: Date): DocumentId {
  return lowestIdAt(new Date(at.getTime() - SETTLED_MS));
}

function byHex(a: DocumentId, b: DocumentId): number {
  return a.toHexString() < b.toHexString() ? -1 : 1;
}

function keyOf({ eventId, seq }: NumberedBatch): string {
  return notificationKey(NOTIFY_BOOKINGS, eventId.toHexString(), seq);
}
