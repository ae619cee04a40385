import { Types } from 'mongoose';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import { toWaitlistEntry } from '#server/models/views.ts';
import type { WaitingDoc } from '#server/models/waitlist.ts';
import type { Audience } from '../audience.ts';

/** Changes of one batch arrive one by one: positions are read once for all of them. */
const GATHER_MS = 50;
/** Positions of a list are pushed at most once in this time. */
const PACE_MS = 1_000;
/** A list that takes long to read and to push rests for so many times as long: at most a tenth of our time goes there. */
const REST = 9;
/** Pushes between which other work gets its turn. */
const PUSHES_PER_TURN = 200;
const USERS_PER_READ = 500;

/** One event's list, as far as people who are connected here wait on it. */
interface FollowedWaitlist {
  /** The position that each entry was last pushed with. */
  shown: Map<string, number>;
  /** Entries that were changed themselves: pushed wherever they stand. */
  changed: Set<string>;
  dirty: boolean;
  timer: NodeJS.Timeout | null;
  running: Promise<void> | null;
}

export interface WaitlistPushDeps {
  audience: Audience;
  models: Pick<Models, 'waitlist'>;
  monotonic: () => number;
  log: Log;
}

export type WaitlistPushes = ReturnType<typeof createWaitlistPushes>;

/**
 * Pushes entries of waiting lists to their owners: what became of one at once, positions when they have changed, at most
 * once a second and list. One pass over an index counts them for everybody who is connected here.
 */
export function createWaitlistPushes(deps: WaitlistPushDeps) {
  const { audience, models, monotonic, log } = deps;
  const lists = new Map<string, FollowedWaitlist>();
  let closed = false;

  function changed(doc: WaitingDoc): void {
    const userId = doc.userId.toHexString();
    const here = audience.hasUser(userId);
    if (here && doc.status !== 'waiting') audience.pushToUser(userId, 'waitlistChanged', toWaitlistEntry(doc, null));
    const eventId = doc.eventId.toHexString();
    const list = lists.get(eventId) ?? newList();
    lists.set(eventId, list);
    if (here && doc.status === 'waiting') list.changed.add(doc._id.toHexString());
    list.dirty = true;
    if (!list.timer && !list.running) wakeIn(GATHER_MS, eventId, list);
  }

  function wakeIn(ms: number, eventId: string, list: FollowedWaitlist): void {
    if (closed) return;
    list.timer = setTimeout(() => {
      list.timer = null;
      if (list.dirty) list.running = tell(eventId, list);
      else if (list.shown.size === 0) lists.delete(eventId);
    }, ms);
  }

  async function tell(eventId: string, list: FollowedWaitlist): Promise<void> {
    const beganMs = monotonic();
    const due = list.changed;
    list.dirty = false;
    list.changed = new Set();
    try {
      const positions = await positionsHere(eventId);
      await push(new Map([...positions].filter(([id, position]) => due.has(id) || list.shown.get(id) !== position)));
      list.shown = positions;
    } catch (error) {
      log.warn({ err: error, eventId }, 'Positions on a waiting list could not be pushed and are tried again');
      for (const id of due) list.changed.add(id);
      list.dirty = true;
    }
    list.running = null;
    const tookMs = monotonic() - beganMs;
    wakeIn(Math.max(PACE_MS - tookMs, tookMs * REST), eventId, list);
  }

  /** The positions of those who wait and are connected here, by entry. The index alone answers this. */
  async function positionsHere(eventId: string): Promise<Map<string, number>> {
    const positions = new Map<string, number>();
    if (!audience.hasUsers()) return positions;
    const list = models.waitlist.collection.find<Pick<WaitingDoc, '_id' | 'userId'>>(
      { eventId: Types.ObjectId.createFromHexString(eventId), status: 'waiting' },
      { sort: { place: 1 }, projection: { _id: 1, userId: 1 }, batchSize: 1_000, readConcern: 'majority' },
    );
    let position = 0;
    for await (const { _id, userId } of list) {
      position += 1;
      if (audience.hasUser(userId.toHexString())) positions.set(_id.toHexString(), position);
    }
    return positions;
  }

  async function push(positions: ReadonlyMap<string, number>): Promise<void> {
    for (const ids of chunks([...positions.keys()], PUSHES_PER_TURN)) {
      const _id = { $in: ids.map((id) => Types.ObjectId.createFromHexString(id)) };
      const found = models.waitlist.collection.find<WaitingDoc>(
        { _id, status: 'waiting' },
        { readConcern: 'majority' },
      );
      for (const doc of await found.toArray()) {
        const position = positions.get(doc._id.toHexString()) ?? null;
        audience.pushToUser(doc.userId.toHexString(), 'waitlistChanged', toWaitlistEntry(doc, position));
      }
    }
  }

  /** After changes that nobody told of: the active entries of everybody here, and those that have ended since. */
  async function refresh(since: Date): Promise<void> {
    for (const users of chunks([...audience.userIds()], USERS_PER_READ)) {
      const userId = { $in: users.map((id) => Types.ObjectId.createFromHexString(id)) };
      const own = { userId, $or: [{ active: true }, { updatedAt: { $gte: since } }] };
      for (const doc of await models.waitlist.find(own).lean<WaitingDoc[]>()) changed(doc);
    }
  }

  return {
    changed,
    refresh,
    async close(): Promise<void> {
      closed = true;
      for (const { timer } of lists.values()) if (timer) clearTimeout(timer);
      await Promise.all([...lists.values()].flatMap(({ running }) => running ?? []));
    },
  };
}

function newList(): FollowedWaitlist {
  return { shown: new Map(), changed: new Set(), dirty: false, timer: null, running: null };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
