import type { Now } from '#server/clock.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import type { Session } from '#server/mongo/transaction.ts';
import { isContention, runTransaction } from '#server/mongo/transaction.ts';
import type { ProviderName } from '#shared/checkout.ts';
import { newCode } from '../rules/code.ts';
import type { Command, Decision } from '../rules/command.ts';
import { decide } from '../rules/decide.ts';
import type { BookingStore } from '../store/collections.ts';
import type { DecidedBatch } from '../store/commit.ts';
import { writeDecision } from '../store/commit.ts';
import type { EventCache } from '../store/event-cache.ts';
import type { LoadedBatch } from '../store/load.ts';
import { loadBatch, loadEvent, loadNewBookings } from '../store/load.ts';
import type { ServerTurns } from './server-turns.ts';

/**
 * Jittered, so that two servers do not collide in step; doubled each time, so that a dead server's locks cost little.
 */
const FIRST_REPLAY_DELAY_MS = 4;
const LONGEST_REPLAY_DELAY_MS = 16;

type CachedEvent = LoadedBatch['doc'];

export interface BatchesOptions {
  store: BookingStore;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  /** Numbers in [0, 1). */
  random: () => number;
  sleep: (ms: number) => Promise<void>;
  turns: ServerTurns;
  /** By which this server takes money; by default none. */
  provider?: ProviderName | null;
}

/** Commands that are committed together, and how. */
interface Batch {
  eventId: string;
  commands: readonly Command[];
  cache: EventCache;
  /** When to give up, in monotonic milliseconds. */
  deadlineMs: number;
  /** Whether the waiting list was offered the free seats just before, to its end. */
  isWaitlistServed: boolean;
  onReplay: (cause: unknown) => void;
}

/** Loads, decides and writes batches, each in one transaction. */
export function createBatches(options: BatchesOptions) {
  const { store, now, monotonic, random, sleep, turns, provider = null } = options;

  /**
   * Null if there is no such event. Throws `CommitTimeout` after the deadline, and any error that no replay helps
   * against.
   */
  async function commitBatch(batch: Batch): Promise<Decision | null> {
    const { cache, commands } = batch;
    const areNew = cache.areNewBookings(commands);
    try {
      return await commitOn(batch, cache.get(commands));
    } catch (error) {
      // A request that was taken for new has made its booking before: by another server, or by this one long ago.
      if (!areNew || !isDuplicateKey(error)) throw error;
      cache.distrust();
      return commitOn(batch, null);
    }
  }

  /** Commits a batch by one transaction; only its first run decides on the cached event, a replay reads. */
  async function commitOn(batch: Batch, cached: CachedEvent | null): Promise<Decision | null> {
    const { eventId, commands, cache, deadlineMs } = batch;
    let firstRunEvent = cached;
    const { sleepBeforeReplay, onReplay } = replaysOf(batch);
    const run = { client: store.client, monotonic, deadlineMs, sleepBeforeReplay, onReplay };
    const committed = await runTransaction(run, async (session) => {
      const isShared = await turns.takeTurn(eventId, session);
      const event = isShared ? await readForNewBookings(batch, session) : firstRunEvent;
      firstRunEvent = null;
      const decided =
        (event && (await decideNewBookings(event, commands, session))) ?? (await loadAndDecide(batch, session));
      if (!decided) return null;
      await writeDecision(store, decided, session);
      return { decided, isRead: isShared || decided.loaded.doc !== event };
    });
    if (!committed) return null;
    const { loaded, decision } = committed.decided;
    cache.update(loaded.doc, decision, commands, committed.isRead);
    return decision;
  }

  /**
   * What happens before a transaction runs again: a short pause, and after a second lost race a place in the queue of
   * servers.
   */
  function replaysOf({ eventId, onReplay }: Batch) {
    let queued = Promise.resolve();
    let racesLost = 0;
    let mostMs = FIRST_REPLAY_DELAY_MS / 2;
    return {
      onReplay(cause: unknown): void {
        // One lost race is chance; after two, another server is as busy on this event.
        if (isContention(cause) && (racesLost += 1) > 1) queued = turns.meetOthers(eventId);
        onReplay(cause);
      },
      async sleepBeforeReplay(): Promise<void> {
        mostMs = Math.min(2 * mostMs, LONGEST_REPLAY_DELAY_MS);
        await Promise.all([queued, sleep(random() * mostMs)]);
      },
    };
  }

  /** Shared event: read only its document if the batch holds nothing but new bookings. */
  async function readForNewBookings(
    { eventId, commands, cache }: Batch,
    session: Session,
  ): Promise<CachedEvent | null> {
    if (!cache.areNewBookings(commands)) return null;
    const event = await loadEvent(store, eventId, session);
    return event && cache.sellsFreely(event) ? event : null;
  }

  /**
   * Decides without loading bookings. Null if a command is refused: a refusal writes nothing, so no filter would prove
   * it right.
   */
  async function decideNewBookings(event: CachedEvent, commands: readonly Command[], session: Session) {
    const decided = decideOn(await loadNewBookings(store, event, commands, session), commands);
    return decided.decision.outcomes.every(({ ok }) => ok) ? decided : null;
  }

  async function loadAndDecide({ eventId, commands, isWaitlistServed }: Batch, session: Session) {
    const options = { session, newCode: () => newCode(random), isWaitlistServed };
    const loaded = await loadBatch(store, eventId, commands, options);
    return loaded && decideOn(loaded, commands);
  }

  function decideOn(loaded: LoadedBatch, commands: readonly Command[]): DecidedBatch {
    const at = now();
    const decision = decide(loaded.state, commands, at, provider);
    assertConsistent(decision);
    return { loaded, decision, at };
  }

  return { commitBatch };
}

/** The invariant of the database's validator, in our own code: a defect is found before it is written. */
function assertConsistent({ event: { counters, ticketTypes, id }, outcomes }: Decision): void {
  const { totalSeats, availableSeats, heldSeats, soldSeats } = counters;
  const isNegative = availableSeats < 0 || heldSeats < 0 || soldSeats < 0;
  if (isNegative || availableSeats + heldSeats + soldSeats !== totalSeats) {
    throw new Error(`Event ${id} would have counters that do not add up: ${JSON.stringify(counters)}`);
  }
  let [heldByType, soldByType] = [0, 0];
  for (const { id: type, seats, held, sold, limit } of ticketTypes) {
    heldByType += seats * held;
    soldByType += seats * sold;
    if (held < 0 || sold < 0 || (limit !== null && held + sold > limit))
      throw new Error(
        `Event ${id} would have ${held} tickets of ${type} held and ${sold} sold, with a limit of ${limit}`,
      );
  }
  if (heldByType !== heldSeats || soldByType !== soldSeats)
    throw new Error(`Event ${id} would have ticket types that take ${heldByType} and ${soldByType} seats`);
  if (outcomes.includes(undefined as never)) throw new Error(`Event ${id} has a command without an outcome`);
}
