import type { ClientSession, Db, MongoClient } from 'mongodb';
import { Types } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import { isContention, runTransaction } from '#server/mongo/transaction.ts';
import { newCode } from '../rules/code.ts';
import { jobCollection, writeDecision } from '../store/commit.ts';
import type { KnownEvent } from './known-event.ts';
import { assumedState } from './known-event.ts';
import type { LoadedBatch, LoadOptions } from '../store/load.ts';
import { bookingCollections, loadState } from '../store/load.ts';
import type { Command, Decision } from '../rules/command.ts';
import { decide } from '../rules/decide.ts';
import type { ServerTurns } from './server-turns.ts';

const { ObjectId } = Types;
/** Jittered, so that two servers do not collide in step; longer each time, so that a dead one's leftovers cost little. */
const FIRST_REPLAY_PAUSE_MS = 4;
const LONGEST_REPLAY_PAUSE_MS = 16;

export interface BatchOptions {
  client: MongoClient;
  database: Db;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  random: () => number;
  sleep: (ms: number) => Promise<void>;
  turns: ServerTurns;
}

/** What is to be done in one transaction. */
export interface Batch {
  eventId: string;
  commands: readonly Command[];
  known: KnownEvent;
  /** Monotonic milliseconds. */
  deadlineMs: number;
  /** The waiting list was just served to its end. */
  waitlistServed: boolean;
  onReplay: (cause: unknown) => void;
}

/** Loads, decides and writes a batch in one transaction. Null if there is no such event. */
export function createBatches({ client, database, now, monotonic, random, sleep, turns }: BatchOptions) {
  const collections = { ...bookingCollections(database), database, jobs: jobCollection(database) };

  async function commitBatch(batch: Batch): Promise<Decision | null> {
    const { known, commands } = batch;
    const trusting = known.trusts(commands);
    try {
      return await write(batch, known.assume(commands));
    } catch (error) {
      // A request that was taken for new: another server has had it, or this one long ago.
      if (!trusting || !isDuplicateKey(error)) throw error;
      known.mistrust();
      return write(batch, null);
    }
  }

  /** One transaction; `assumed` is the event as it was after the last commit, and trusted for one attempt. */
  async function write(batch: Batch, assumed: EventDoc | null): Promise<Decision | null> {
    const { eventId, commands, known, deadlineMs, waitlistServed } = batch;
    let trusted = assumed;
    let met = Promise.resolve();
    let lost = 0;
    const onReplay = (cause: unknown) => {
      // Once is chance; a batch that has lost twice has met a server that is as busy.
      if (isContention(cause) && (lost += 1) > 1) met = turns.onContention(eventId);
      batch.onReplay(cause);
    };
    let mostMs = FIRST_REPLAY_PAUSE_MS / 2;
    const pauseBeforeReplay = async () => {
      mostMs = Math.min(2 * mostMs, LONGEST_REPLAY_PAUSE_MS);
      await Promise.all([met, sleep(random() * mostMs)]);
    };
    const run = { client, monotonic, deadlineMs, pauseBeforeReplay, onReplay };
    const written = await runTransaction(run, async (session) => {
      const shared = await turns.takeTurn(eventId, session);
      const doc = shared ? await readKnown(batch, session) : trusted;
      trusted = null;
      const made =
        (doc && (await sellUnread(doc, commands, session))) ??
        (await readAndDecide(eventId, commands, { session, newOfferIds, waitlistServed }));
      if (!made) return null;
      await writeDecision(collections, made.loaded, made.decision, session, made.at);
      return { before: made.loaded.doc, decision: made.decision, read: shared || made.loaded.doc !== doc };
    });
    if (!written) return null;
    known.learn(written.before, written.decision, commands, written.read);
    return written.decision;
  }

  /** Other servers write this event too: it is read, and nothing else where nothing else is needed. */
  async function readKnown({ eventId, commands, known }: Batch, session: ClientSession): Promise<EventDoc | null> {
    if (!known.trusts(commands)) return null;
    const doc = await collections.events.findOne({ _id: ObjectId.createFromHexString(eventId) }, { session });
    return doc && known.suits(doc) ? doc : null;
  }

  async function readAndDecide(eventId: string, commands: readonly Command[], options: LoadOptions) {
    const loaded = await loadState(collections, eventId, commands, options);
    return loaded && decideOn(loaded, commands);
  }

  /** Decides without reading. A refusal writes nothing, so no filter would prove it right: then all is read after all. */
  async function sellUnread(doc: EventDoc, commands: readonly Command[], session: ClientSession) {
    const made = decideOn(await assumedState(collections, doc, commands, session), commands);
    return made.decision.outcomes.every(({ ok }) => ok) ? made : null;
  }

  function decideOn(loaded: LoadedBatch, commands: readonly Command[]) {
    const at = now();
    const decision = decide(loaded.state, commands, at);
    assertConsistent(decision);
    return { loaded, decision, at };
  }

  function newOfferIds() {
    return { bookingId: new ObjectId().toHexString(), code: newCode(random) };
  }

  return { commitBatch };
}

/** The same invariant as the database's validator, in our own code: a defect is caught before it is written. */
function assertConsistent({ event: { counters, id }, outcomes }: Decision): void {
  const { totalSeats, availableSeats, heldSeats, soldSeats } = counters;
  const sound = availableSeats >= 0 && heldSeats >= 0 && soldSeats >= 0;
  if (!sound || availableSeats + heldSeats + soldSeats !== totalSeats) {
    throw new Error(`Event ${id} would have counters that do not add up: ${JSON.stringify(counters)}`);
  }
  if (outcomes.includes(undefined as never)) throw new Error(`Event ${id} has a command without an outcome`);
}
