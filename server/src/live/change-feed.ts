// MongoDB is the seam before this file: booking/store/commit.ts writes what is read here, in this process or another.
import type { ChangeStream, Db, ResumeToken } from 'mongodb';
import mongoose from 'mongoose';
import type { Log } from '#server/log.ts';
import { isUnavailable } from '#server/mongo/unavailable.ts';
import { sleepOrAbort } from '#server/sleep.ts';
import type { StampedChange } from './changes.ts';
import { readChange, WATCH_PIPELINE } from './changes.ts';
import type { ChangeHandlers } from './broadcast.ts';
import { createBroadcast } from './broadcast.ts';

/** How long the database waits for a change before it answers that there is none: the feed's heartbeat. */
const AWAIT_MS = 250;
/** The feed counts as down after this long without an answer from the database. */
const SILENT_MS = 4_000;
const SHORTEST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 5_000;
/** After a stream that lived this long, retries start again with the shortest pause. */
const SETTLED_MS = 10_000;

interface ChangeFeedDeps {
  /** On a connection of its own: the feed waits on it all the time. */
  database: Db;
  handlers: ChangeHandlers;
  now: () => Date;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  /** From 0 to below 1; spreads the retries of several servers. */
  random: () => number;
  log: Log;
}

/**
 * Reads one change stream on the whole database for as long as the process lives, and broadcasts each change. After an
 * interruption it resumes where it stopped; where the database has dropped that point, it begins anew and calls `gap`.
 */
export function createChangeFeed({ database, handlers, now, monotonic, random, log }: ChangeFeedDeps) {
  const stopping = new AbortController();
  const counts = { reopened: 0, gaps: 0 };
  const { broadcast, markCaughtUp, readEdited } = createBroadcast(handlers, log);
  let stream: ChangeStream | null = null;
  let token: ResumeToken | null = null;
  /** The database's time of the last handled change, or our time of the last answer without one. */
  let handledAt: Date | null = null;
  /** Since when the stream answers without a silence: a change of a later time shows that none before is missing. */
  let answersSince = new Date(0);
  let gapDue = true;
  /** Whether every change before the last answer was handled. */
  let isCaughtUp = false;
  let heardMs = -Infinity;
  let lagMs = 0;
  let running: Promise<void> = Promise.resolve();

  /** Opens the stream. `watch` alone does nothing: the database keeps changes for us from the first read on. */
  async function open(): Promise<ChangeStream> {
    const opened = database.watch(WATCH_PIPELINE, {
      maxAwaitTimeMS: AWAIT_MS,
      ...(token ? { resumeAfter: token } : {}),
    });
    stream = opened;
    const first = await readFirst(opened);
    if (gapDue) await fillGap();
    noteHeard();
    if (first) handle(readChange(first));
    return opened;
  }

  async function readFirst(opened: ChangeStream) {
    try {
      return await opened.tryNext();
    } catch (error) {
      throw token && isRefusedByServer(error)
        ? new ResumePointLost('The database cannot resume there', { cause: error })
        : error;
    }
  }

  async function fillGap(): Promise<void> {
    await handlers.gap(handledAt);
    gapDue = false;
  }

  async function follow(opened: ChangeStream): Promise<void> {
    for (;;) {
      await readEdited();
      const event = await opened.tryNext();
      if (event) {
        handle(readChange(event));
        noteHeard();
        if (handledAt !== null && handledAt >= answersSince) isCaughtUp = true;
        continue;
      }
      markCaughtUp();
      noteHeard();
      isCaughtUp = true;
      token = opened.resumeToken ?? token;
      handledAt = now();
      lagMs = 0;
      if (opened.closed) throw new ResumePointLost('The change stream was invalidated');
    }
  }

  function handle(change: StampedChange): void {
    broadcast(change);
    token = change.token;
    handledAt = change.wallTime ?? now();
    lagMs = Math.max(0, now().getTime() - handledAt.getTime());
  }

  async function run(first: ChangeStream): Promise<void> {
    let opened: ChangeStream | null = first;
    let attempt = 0;
    while (!stopping.signal.aborted) {
      const beganMs = monotonic();
      try {
        opened ??= await open();
        await follow(opened);
      } catch (error) {
        noteInterruption(error);
      }
      opened = null;
      await close();
      attempt = monotonic() - beganMs > SETTLED_MS ? 0 : attempt + 1;
      await sleepBeforeRetry(attempt);
    }
  }

  /** Logs why the stream ended, and prepares a new beginning where its resume point is lost. */
  function noteInterruption(error: unknown): void {
    if (stopping.signal.aborted) return;
    counts.reopened += 1;
    if (!(error instanceof ResumePointLost)) {
      log.warn({ err: error }, 'The change feed was interrupted and resumes where it stopped');
      return;
    }
    token = null;
    gapDue = true;
    counts.gaps += 1;
    log.warn({ err: error, since: handledAt }, 'The change feed lost its resume point: all shown state is read again');
  }

  /** Doubles the pause with each attempt; half of it is random. */
  async function sleepBeforeRetry(attempt: number): Promise<void> {
    const longestMs = Math.min(LONGEST_RETRY_MS, SHORTEST_RETRY_MS * 2 ** attempt);
    await sleepOrAbort(longestMs * (0.5 + random() / 2), stopping.signal);
  }

  function noteHeard(): void {
    // More changes may wait behind the first answer after a silence.
    if (!isLive()) [isCaughtUp, answersSince] = [false, now()];
    heardMs = monotonic();
  }

  function isLive(): boolean {
    return monotonic() - heardMs < SILENT_MS;
  }

  async function close(): Promise<void> {
    heardMs = -Infinity;
    isCaughtUp = false;
    try {
      await stream?.close();
    } catch (error) {
      log.debug({ err: error }, 'The old change stream could not be closed');
    }
  }

  return {
    /**
     * Resolves when the stream is open and the first state was read: each later commit is broadcast. Rejects where the
     * database cannot be reached.
     */
    async start(): Promise<void> {
      try {
        running = run(await open());
      } catch (error) {
        await close();
        throw error;
      }
    },
    async stop(): Promise<void> {
      stopping.abort();
      await close();
      await running;
    },
    /** Whether the database has answered within the last four seconds. */
    get live(): boolean {
      return isLive();
    },
    /** Whether it is also up to date, so that what it carried is not older than what was pushed. */
    get isCurrent(): boolean {
      return isLive() && isCaughtUp;
    },
    /** How far behind its commit the last change was handled, in milliseconds; 0 while no change is left. */
    get lagMs(): number {
      return lagMs;
    },
    /** How often the stream was opened again, and how often it had lost its resume point. */
    counts,
  };
}

/** The stream cannot be resumed: the oplog has rolled past the point (error 286), or the database was dropped. */
class ResumePointLost extends Error {
  override name = 'ResumePointLost';
}

/** Whether the database was reached and refused, so that another attempt with the same token is of no use. */
function isRefusedByServer(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && !isUnavailable(error);
}
