import type { ClientSession, Db } from 'mongodb';
import mongoose, { Types } from 'mongoose';
import type { Log } from '#server/log.ts';
import type { ServerTurnDoc } from '#server/models/servers/server-turn.ts';

const { ObjectId } = Types;
const { MongoError } = mongoose.mongo;

/** So long after another server was last met at an event, turns are taken there. */
const SHARED_MS = 3_000;
/** Between two turns of one server: its batch grows, and whoever is next has begun. Measured: in 2 ms it has not; 15 are no faster. */
const GAP_MS = 5;
/** On average between two looks at the line. */
const LOOK_MS = 3;
/** Where nothing has moved for so long, whoever waits goes out of turn: those ahead may be dead. */
const PATIENCE_MS = 500;
/** Longer than that nobody waits, whatever moves. */
const LONGEST_WAIT_MS = 2_000;
/** Whoever waits in the database keeps a connection; beyond so many, batches go out of turn. */
const MOST_IN_LINE = 16;

export interface ServerTurnsOptions {
  database: Db;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  random: () => number;
  sleep: (ms: number) => Promise<void>;
  log: Log;
}

interface Shared {
  untilMs: number;
  /** When this server last had its turn. */
  tookMs: number;
}

export type ServerTurns = ReturnType<typeof createServerTurns>;

/**
 * Turns of servers that sell one event at the same time, so that no batch is decided in vain. A turn is held by writing
 * its document in the batch's own transaction, and ends with it: there is nothing to renew, to expire or to give back.
 * Nothing rests on turns but speed; where nobody else is met none are taken.
 */
export function createServerTurns({ database, monotonic, random, sleep, log }: ServerTurnsOptions) {
  const turns = database.collection<ServerTurnDoc>('turns');
  const me = new ObjectId();
  const joining = joiningQueue(me);
  const taking = takingTurn(me);
  const shared = new Map<string, Shared>();
  let inLine = 0;

  /**
   * Another server was met at this event. It may not know, and sees this one in the line. Resolves when it can, and that
   * is after the turn that was in the way: to try again before would only cost all of them the processor.
   */
  async function onContention(eventId: string): Promise<void> {
    note(eventId);
    if (inLine < MOST_IN_LINE) await attempt(eventId, () => join(eventId));
  }

  function note(eventId: string): void {
    const nowMs = monotonic();
    for (const [id, { untilMs }] of shared) if (untilMs < nowMs) shared.delete(id);
    const state = shared.get(eventId);
    if (state) state.untilMs = nowMs + SHARED_MS;
    else shared.set(eventId, { tookMs: -Infinity, untilMs: nowMs + SHARED_MS });
  }

  function isShared(eventId: string): boolean {
    return (shared.get(eventId)?.untilMs ?? -Infinity) >= monotonic();
  }

  /** Resolves when it is this server's turn, or it has waited long enough. Nothing is held by it. */
  async function waitForTurn(eventId: string): Promise<void> {
    await sleep(GAP_MS);
    if (inLine >= MOST_IN_LINE) return;
    // The database itself may keep this waiting for longer than a command can.
    const stopped = { late: false };
    await Promise.race([attempt(eventId, () => standInLine(eventId, stopped)), sleep(LONGEST_WAIT_MS)]);
    stopped.late = true;
  }

  async function standInLine(eventId: string, stopped: { late: boolean }): Promise<void> {
    let doc = await join(eventId);
    let movedMs = monotonic();
    while (doc?.line[0] && !doc.line[0].equals(me) && !stopped.late && monotonic() - movedMs < PATIENCE_MS) {
      const { steps } = doc;
      await sleep(LOOK_MS * (0.5 + random()));
      doc = await turns.findOne({ _id: ObjectId.createFromHexString(eventId) });
      if (doc?.steps !== steps) movedMs = monotonic();
    }
  }

  /** A write outside waits in the database for the transaction that holds the document. */
  function join(eventId: string): Promise<ServerTurnDoc | null> {
    const options = { ...JOIN, upsert: true, returnDocument: 'after' } as const;
    return turns.findOneAndUpdate({ _id: ObjectId.createFromHexString(eventId) }, joining, options);
  }

  /** Looks whether somebody waits who always comes second and so was never met; not waited for. */
  function lookForOthers(eventId: string): void {
    void attempt(eventId, async () => {
      const doc = await turns.findOne({ _id: ObjectId.createFromHexString(eventId) });
      if (doc?.line.some((server) => !server.equals(me))) note(eventId);
    });
  }

  async function attempt(eventId: string, ask: () => Promise<unknown>): Promise<void> {
    inLine += 1;
    try {
      await ask();
    } catch (error) {
      // The batch meets the same trouble, and knows what to do about it.
      if (error instanceof MongoError) log.debug({ err: error, eventId }, 'goes on out of turn');
      else log.error({ err: error, eventId }, 'goes on out of turn');
    } finally {
      inLine -= 1;
    }
  }

  /** Takes the turn in a batch's transaction, as its first write: a conflict here has cost nothing. False if none is needed. */
  async function takeTurn(eventId: string, session: ClientSession): Promise<boolean> {
    const state = shared.get(eventId);
    if (!state || state.untilMs < monotonic()) return false;
    const _id = ObjectId.createFromHexString(eventId);
    const before = await turns.findOneAndUpdate({ _id }, taking, { session, upsert: true });
    const tookLately = monotonic() - state.tookMs < SHARED_MS;
    if (tookLately && before?.holder && !before.holder.equals(me)) state.untilMs = monotonic() + SHARED_MS;
    state.tookMs = monotonic();
    return true;
  }

  return { isShared, waitForTurn, takeTurn, onContention, lookForOthers };
}

/** Nothing rests on a place in the line: it need not be on disk. */
const JOIN = { maxTimeMS: PATIENCE_MS, writeConcern: { w: 1 } } as const;

const LINE = { $ifNull: ['$line', []] };
const STEPS = { $add: [{ $ifNull: ['$steps', 0] }, 1] };

/** At the end of the line, for whoever is not in it. */
function joiningQueue(me: Types.ObjectId): object[] {
  const line = { $cond: [{ $in: [me, LINE] }, LINE, { $concatArrays: [LINE, [me]] }] };
  return [{ $set: { line, steps: STEPS, holder: { $ifNull: ['$holder', null] } } }];
}

/** Whoever stood before this server has let its turn pass, and is out of the line. */
function takingTurn(me: Types.ObjectId): object[] {
  const place = { $indexOfArray: [LINE, me] };
  const rest = { $slice: [LINE, { $add: [place, 1] }, { $max: [1, { $size: LINE }] }] };
  return [{ $set: { line: { $cond: [{ $gte: [place, 0] }, rest, LINE] }, steps: STEPS, holder: me } }];
}
