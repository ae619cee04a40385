import { Types } from 'mongoose';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import { toWaitlistEntry } from '#server/models/views.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import type { Audience } from '../audience.ts';

/** Changes of one batch arrive one by one: after this time positions are read once for all of them. */
const GATHER_MS = 50;
/** Positions of one waiting list are pushed at most once in this time (PROTOCOL.md, "Commands"). */
const POSITIONS_MS = 1_000;
/** After a slow read and push a list rests this many times as long, so that it takes at most a tenth of the time. */
const REST_FACTOR = 9;
/** Pushes between which the event loop serves other work. */
const PUSHES_PER_READ = 200;
const USERS_PER_READ = 500;

/** The waiting list of one event, as far as its users are connected here. */
interface FollowedWaitlist {
  /** The position that each waitlist entry was last pushed with, by its id. */
  shown: Map<string, number>;
  /** Ids of the entries that changed themselves: pushed whatever their position. */
  changed: Set<string>;
  isDirty: boolean;
  timer: NodeJS.Timeout | null;
  running: Promise<void> | null;
}

interface WaitlistPushDeps {
  audience: Audience;
  models: Pick<Models, 'waitlist'>;
  monotonic: () => number;
  log: Log;
}

/**
 * Pushes waitlist entries to their owners: a change of status at once, positions when they have changed, at most once a
 * second and list. One pass over an index counts the positions of all users who are connected here.
 */
export function createWaitlistPushes({ audience, models, monotonic, log }: WaitlistPushDeps) {
  const lists = new Map<string, FollowedWaitlist>();
  let closed = false;

  function pushChange(doc: WaitlistEntryDoc): void {
    const userId = doc.userId.toHexString();
    const isHere = audience.hasUser(userId);
    if (isHere && doc.status !== 'waiting') audience.pushToUser(userId, 'waitlistChanged', toWaitlistEntry(doc, null));
    const eventId = doc.eventId.toHexString();
    const list = lists.get(eventId) ?? newList();
    lists.set(eventId, list);
    if (isHere && doc.status === 'waiting') list.changed.add(doc._id.toHexString());
    list.isDirty = true;
    if (!list.timer && !list.running) wakeIn(GATHER_MS, eventId, list);
  }

  function wakeIn(ms: number, eventId: string, list: FollowedWaitlist): void {
    if (closed) return;
    list.timer = setTimeout(() => {
      list.timer = null;
      if (list.isDirty) list.running = pushPositions(eventId, list);
      else if (list.shown.size === 0) lists.delete(eventId);
    }, ms);
  }

  async function pushPositions(eventId: string, list: FollowedWaitlist): Promise<void> {
    const beganMs = monotonic();
    const due = list.changed;
    list.isDirty = false;
    list.changed = new Set();
    try {
      const positions = await readPositions(eventId);
      await push(new Map([...positions].filter(([id, position]) => due.has(id) || list.shown.get(id) !== position)));
      list.shown = positions;
    } catch (error) {
      log.warn({ err: error, eventId }, 'Positions on a waiting list could not be pushed: another attempt follows');
      for (const id of due) list.changed.add(id);
      list.isDirty = true;
    }
    list.running = null;
    const tookMs = monotonic() - beganMs;
    wakeIn(Math.max(POSITIONS_MS - tookMs, tookMs * REST_FACTOR), eventId, list);
  }

  /** The positions of the waiting entries whose users are connected here, by their id. The index alone answers this. */
  async function readPositions(eventId: string): Promise<Map<string, number>> {
    const positions = new Map<string, number>();
    if (!audience.hasUsers()) return positions;
    const waiting = models.waitlist.collection.find<Pick<WaitlistEntryDoc, '_id' | 'userId'>>(
      { eventId: Types.ObjectId.createFromHexString(eventId), status: 'waiting' },
      { sort: { place: 1 }, projection: { _id: 1, userId: 1 }, batchSize: 1_000, readConcern: 'majority' },
    );
    let position = 0;
    for await (const { _id, userId } of waiting) {
      position += 1;
      if (audience.hasUser(userId.toHexString())) positions.set(_id.toHexString(), position);
    }
    return positions;
  }

  async function push(positions: ReadonlyMap<string, number>): Promise<void> {
    for (const ids of chunks([...positions.keys()], PUSHES_PER_READ)) {
      const _id = { $in: ids.map((id) => Types.ObjectId.createFromHexString(id)) };
      const found = models.waitlist.collection.find<WaitlistEntryDoc>(
        { _id, status: 'waiting' },
        { readConcern: 'majority' },
      );
      for (const doc of await found.toArray()) {
        const position = positions.get(doc._id.toHexString()) ?? null;
        audience.pushToUser(doc.userId.toHexString(), 'waitlistChanged', toWaitlistEntry(doc, position));
      }
    }
  }

  async function pushSince(since: Date): Promise<void> {
    for (const users of chunks(audience.userIds(), USERS_PER_READ)) {
      const userId = { $in: users.map((id) => Types.ObjectId.createFromHexString(id)) };
      const own = { userId, $or: [{ active: true }, { updatedAt: { $gte: since } }] };
      for (const doc of await models.waitlist.find(own).lean<WaitlistEntryDoc[]>()) pushChange(doc);
    }
  }

  return {
    /** Pushes a waitlist entry that was created or changed, and the positions behind it. */
    pushChange,
    /**
     * Pushes the active entries of all users connected here, and those that ended since then; for changes that the feed
     * has lost. Rejects where the database cannot answer.
     */
    pushSince,
    async close(): Promise<void> {
      closed = true;
      for (const { timer } of lists.values()) if (timer) clearTimeout(timer);
      await Promise.all([...lists.values()].flatMap(({ running }) => running ?? []));
    },
  };
}

function newList(): FollowedWaitlist {
  return { shown: new Map(), changed: new Set(), isDirty: false, timer: null, running: null };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
