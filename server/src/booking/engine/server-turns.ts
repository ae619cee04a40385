import type { Log } from '#server/log.ts';
import type { Session } from '#server/mongo/transaction.ts';
import { isDatabaseError } from '#server/mongo/unavailable.ts';
import type { BookingStore } from '../store/collections.ts';
import { createServerTurnRecords } from '../store/server-turn-records.ts';

/** How long servers take turns on an event after two of them were last busy there. */
const SHARED_MS = 3_000;
/**
 * Between two turns of one server: its batch grows, and the next server begins. Measured: 2 ms are too short, 15 no
 * faster.
 */
const GAP_MS = 5;
/** Between two reads of the queue, on average. */
const READ_EVERY_MS = 3;
/** A queue that has not moved for this long is left: the servers ahead may be dead. */
const STALLED_AFTER_MS = 500;
/** The longest wait for a turn, however the queue moves. */
const LONGEST_WAIT_MS = 2_000;
/** Requests to the queue that may be open at once: each may keep a connection; beyond, batches go without a turn. */
const MAX_OPEN_REQUESTS = 16;

interface ServerTurnsOptions {
  store: Pick<BookingStore, 'serverTurns'>;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  /** Numbers in [0, 1). */
  random: () => number;
  sleep: (ms: number) => Promise<void>;
  log: Log;
}

interface SharedEvent {
  untilMs: number;
  /** When this server last had its turn. */
  lastTurnMs: number;
}

export type ServerTurns = ReturnType<typeof createServerTurns>;

/**
 * Turns of servers that sell one event at the same time, so that no batch is decided in vain. A server has its turn
 * while the transaction of its batch holds the event's turn document: there is nothing to renew, to expire or to give
 * back. Turns make sales faster, never correct: a server that finds no other takes none, and errors are logged and
 * ignored.
 */
export function createServerTurns({ store, monotonic, random, sleep, log }: ServerTurnsOptions) {
  const records = createServerTurnRecords(store);
  const sharedEvents = new Map<string, SharedEvent>();
  let openRequests = 0;

  function isShared(eventId: string): boolean {
    return (sharedEvents.get(eventId)?.untilMs ?? -Infinity) >= monotonic();
  }

  function share(eventId: string): void {
    const nowMs = monotonic();
    for (const [id, { untilMs }] of sharedEvents) if (untilMs < nowMs) sharedEvents.delete(id);
    const shared = sharedEvents.get(eventId);
    if (shared) shared.untilMs = nowMs + SHARED_MS;
    else sharedEvents.set(eventId, { lastTurnMs: -Infinity, untilMs: nowMs + SHARED_MS });
  }

  /**
   * Call after a lost race: another server is busy on the event. Joins the queue, where the other server sees this one.
   * Resolves after the turn that was in the way: a replay before that would only cost both servers the processor.
   */
  async function meetOthers(eventId: string): Promise<void> {
    share(eventId);
    if (openRequests < MAX_OPEN_REQUESTS) await ask(eventId, () => records.join(eventId, STALLED_AFTER_MS));
  }

  /** Reads, without waiting, whether another server is queued: one that always comes second is never met in a race. */
  function lookForOthers(eventId: string): void {
    void ask(eventId, async () => {
      if ((await records.read(eventId)).hasOthers) share(eventId);
    });
  }

  /** Resolves when this server is first in the queue, or has waited long enough. Holds nothing: `takeTurn` does. */
  async function waitForTurn(eventId: string): Promise<void> {
    await sleep(GAP_MS);
    if (openRequests >= MAX_OPEN_REQUESTS) return;
    // The database may keep a request waiting for longer than a command can.
    const wait = { isOver: false };
    await Promise.race([ask(eventId, () => queueUp(eventId, wait)), sleep(LONGEST_WAIT_MS)]);
    wait.isOver = true;
  }

  async function queueUp(eventId: string, wait: { isOver: boolean }): Promise<void> {
    let queue = await records.join(eventId, STALLED_AFTER_MS);
    let movedMs = monotonic();
    while (!queue.isFirst && !wait.isOver && monotonic() - movedMs < STALLED_AFTER_MS) {
      const { steps } = queue;
      await sleep(READ_EVERY_MS * (0.5 + random()));
      queue = await records.read(eventId);
      if (queue.steps !== steps) movedMs = monotonic();
    }
  }

  async function ask(eventId: string, request: () => Promise<unknown>): Promise<void> {
    openRequests += 1;
    try {
      await request();
    } catch (error) {
      // The batch itself meets the same error, and handles it.
      if (isDatabaseError(error)) log.debug({ err: error, eventId }, 'no turn among the servers: goes on without');
      else log.error({ err: error, eventId }, 'no turn among the servers: goes on without');
    } finally {
      openRequests -= 1;
    }
  }

  /**
   * Takes the turn as the first write of a batch's transaction: a conflict here has cost nothing. False if the event is
   * not shared.
   */
  async function takeTurn(eventId: string, session: Session): Promise<boolean> {
    const shared = sharedEvents.get(eventId);
    if (!shared || shared.untilMs < monotonic()) return false;
    const hadOther = await records.take(eventId, session);
    const isRecent = monotonic() - shared.lastTurnMs < SHARED_MS;
    if (isRecent && hadOther) shared.untilMs = monotonic() + SHARED_MS;
    shared.lastTurnMs = monotonic();
    return true;
  }

  return { isShared, waitForTurn, takeTurn, meetOthers, lookForOthers };
}
