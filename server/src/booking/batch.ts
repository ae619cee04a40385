import type { ClientSession, Db, MongoClient } from 'mongodb';
import { Types } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import { runTransaction } from '#server/mongo/transaction.ts';
import { newCode } from './code.ts';
import { jobCollection, writeDecision } from './commit.ts';
import type { KnownEvent } from './known-event.ts';
import { assumedState } from './known-event.ts';
import type { Loaded, LoadOptions } from './load.ts';
import { bookingCollections, loadState } from './load.ts';
import type { Command, Decision } from './rules/command.ts';
import { decide } from './rules/decide.ts';

const { ObjectId } = Types;
/** Measured with two servers on one event: without a pause one of them starves. */
const MAX_REPLAY_PAUSE_MS = 12;

export interface BatchOptions {
  client: MongoClient;
  database: Db;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  random: () => number;
  wait: (ms: number) => Promise<void>;
}

/** What is to be done in one transaction. */
export interface Batch {
  eventId: string;
  commands: readonly Command[];
  known: KnownEvent;
  /** Monotonic milliseconds. */
  deadlineMs: number;
  /** The waiting list was just served to its end. */
  listServed: boolean;
  onReplay: (cause: unknown) => void;
}

/** Loads, decides and writes a batch in one transaction. Null if there is no such event. */
export function createBatches({ client, database, now, monotonic, random, wait }: BatchOptions) {
  const collections = { ...bookingCollections(database), database, jobs: jobCollection(database) };

  async function transact(batch: Batch): Promise<Decision | null> {
    const assumed = batch.known.assume(batch.commands);
    if (!assumed) return write(batch, null);
    try {
      return await write(batch, assumed);
    } catch (error) {
      // A request that was taken for new: another server has had it, or this one long ago.
      if (!isDuplicateKey(error)) throw error;
      batch.known.mistrust();
      return write(batch, null);
    }
  }

  /** One transaction; `assumed` is the event as it was after the last commit, and trusted for one attempt. */
  async function write(batch: Batch, assumed: EventDoc | null): Promise<Decision | null> {
    const { eventId, commands, known, deadlineMs, listServed, onReplay } = batch;
    let trusted = assumed;
    const run = { client, monotonic, deadlineMs, pause: () => wait(random() * MAX_REPLAY_PAUSE_MS), onReplay };
    const written = await runTransaction(run, async (session) => {
      const doc = trusted;
      if (assumed && !doc) known.mistrust();
      trusted = null;
      const made =
        (doc && (await sellUnread(doc, commands, session))) ??
        (await readAndDecide(eventId, commands, { session, fresh, listServed }));
      if (!made) return null;
      await writeDecision(collections, made.loaded, made.decision, session, made.at);
      return { before: made.loaded.doc, decision: made.decision, read: made.loaded.doc !== doc };
    });
    if (!written) return null;
    known.learn(written.before, written.decision, commands, written.read);
    return written.decision;
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

  function decideOn(loaded: Loaded, commands: readonly Command[]) {
    const at = now();
    const decision = decide(loaded.state, commands, at);
    assertSane(decision);
    return { loaded, decision, at };
  }

  function fresh() {
    return { bookingId: new ObjectId().toHexString(), code: newCode(random) };
  }

  return { transact };
}

/** The same invariant as the database's validator, in our own code: a defect is caught before it is written. */
function assertSane({ event: { counters, id }, outcomes }: Decision): void {
  const { totalSeats, availableSeats, heldSeats, soldSeats } = counters;
  const sound = availableSeats >= 0 && heldSeats >= 0 && soldSeats >= 0;
  if (!sound || availableSeats + heldSeats + soldSeats !== totalSeats) {
    throw new Error(`Event ${id} would have counters that do not add up: ${JSON.stringify(counters)}`);
  }
  if (outcomes.includes(undefined as never)) throw new Error(`Event ${id} has a command without an outcome`);
}
