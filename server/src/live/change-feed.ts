// The step before this file is MongoDB itself: booking/commit.ts writes what is read here, in this process or another.
import type { ChangeStream, Db, ResumeToken } from 'mongodb';
import mongoose from 'mongoose';
import type { Log } from '../log.ts';
import { isUnavailable } from '../mongo/unavailable.ts';
import { sleepOrAbort } from '#server/sleep.ts';
import type { StampedChange } from './changes.ts';
import { readChange, WATCH_PIPELINE } from './changes.ts';
import type { ChangeHandlers } from './broadcast.ts';
import { createBroadcast } from './broadcast.ts';

/** How long the database waits for a change before it says that there is none: also the feed's heartbeat. */
const AWAIT_MS = 250;
/** A feed that has not heard from the database for so long is down. */
const SILENT_MS = 4_000;
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** A feed that lived this long starts its pauses anew. */
const SETTLED_MS = 10_000;

export interface ChangeFeedDeps {
  /** On a connection of its own: a feed waits on it all the time. */
  database: Db;
  handlers: ChangeHandlers;
  now: () => Date;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  random: () => number;
  log: Log;
}

export type ChangeFeed = ReturnType<typeof createChangeFeed>;

/**
 * One change stream on the whole database for as long as the process lives. It resumes where it was after every drop;
 * where the database has forgotten that place it begins anew and says so by `gap`.
 */
export function createChangeFeed({ database, handlers, now, monotonic, random, log }: ChangeFeedDeps) {
  const stopping = new AbortController();
  const counts = { reopened: 0, gaps: 0 };
  const telling = createBroadcast(handlers, log);
  let stream: ChangeStream | null = null;
  let token: ResumeToken | null = null;
  /** The database's time of the last change that was handled, or of the last "nothing new". */
  let handledAt: Date | null = null;
  let gapDue = true;
  let heardMs = -Infinity;
  let lagMs = 0;
  let running: Promise<void> = Promise.resolve();

  /** `watch` does nothing before its first read: only after that one are changes kept for us. */
  async function open(): Promise<ChangeStream> {
    const opened = database.watch(WATCH_PIPELINE, {
      maxAwaitTimeMS: AWAIT_MS,
      ...(token ? { resumeAfter: token } : {}),
    });
    stream = opened;
    const first = await readFirst(opened);
    if (gapDue) await fillGap();
    heardMs = monotonic();
    if (first) handle(readChange(first));
    return opened;
  }

  async function readFirst(opened: ChangeStream) {
    try {
      return await opened.tryNext();
    } catch (error) {
      throw token && isRefusal(error)
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
      await telling.readEdited();
      const event = await opened.tryNext();
      heardMs = monotonic();
      if (event) {
        handle(readChange(event));
        continue;
      }
      telling.caughtUp();
      token = opened.resumeToken ?? token;
      handledAt = now();
      lagMs = 0;
      if (opened.closed) throw new ResumePointLost('The change stream was invalidated');
    }
  }

  function handle(stamped: StampedChange): void {
    telling.broadcast(stamped);
    token = stamped.token;
    handledAt = stamped.wallTime ?? now();
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
        lose(error);
      }
      opened = null;
      await close();
      attempt = monotonic() - beganMs > SETTLED_MS ? 0 : attempt + 1;
      await waitLonger(attempt);
    }
  }

  /** Says once what happened, and whether the place in the stream can still be used. */
  function lose(error: unknown): void {
    if (stopping.signal.aborted) return;
    counts.reopened += 1;
    if (!(error instanceof ResumePointLost)) {
      log.warn({ err: error }, 'The change feed was interrupted and goes on where it was');
      return;
    }
    token = null;
    gapDue = true;
    counts.gaps += 1;
    log.warn({ err: error, since: handledAt }, 'The change feed lost its place: everything shown is read again');
  }

  async function waitLonger(attempt: number): Promise<void> {
    const longestMs = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** attempt);
    await sleepOrAbort(longestMs * (0.5 + random() / 2), stopping.signal);
  }

  async function close(): Promise<void> {
    heardMs = -Infinity;
    try {
      await stream?.close();
    } catch (error) {
      log.debug({ err: error }, 'The old change stream could not be closed');
    }
  }

  return {
    /** Resolves when the feed is open and its first state was read: whatever is committed from now on is told. */
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
    /** Whether the database was heard from just now. */
    get live(): boolean {
      return monotonic() - heardMs < SILENT_MS;
    },
    /** How far behind the commits the last handled change was, in milliseconds; 0 while there is nothing to do. */
    get lagMs(): number {
      return lagMs;
    },
    /** How often the stream was opened again, and how often its place was lost. */
    counts,
  };
}

/** The place in the stream is of no use any more: the oplog has rolled past it (286), or the database was dropped. */
class ResumePointLost extends Error {
  override name = 'PlaceLost';
}

/** The database answered, and the answer is no: about the place to resume from, not about the way to it. */
function isRefusal(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && !isUnavailable(error);
}
