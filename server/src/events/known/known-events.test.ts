import { describe, expect, it } from 'vitest';
import { toEventState } from '#server/booking/store/records.ts';
import type { EventDoc } from '#server/models/event.ts';
import { createKnownEvents } from './known-events.ts';
import { eventDoc } from './known-events.fixture.ts';

/** What a process knows that has these events, while `follows.isCurrent`: whether its feed is current. */
function knowing(...docs: EventDoc[]) {
  const follows = { isCurrent: true };
  const knownEvents = createKnownEvents();
  knownEvents.feed.serveWhile(() => follows.isCurrent);
  knownEvents.feed.begin();
  for (const doc of docs) knownEvents.feed.put(doc);
  const get = (doc: EventDoc) => knownEvents.get(doc._id.toHexString());
  return { feed: knownEvents.feed, noteCreated: knownEvents.noteCreated, knownEvents, follows, get };
}

/** The counters of an event after this many seats were sold, at this version. */
function sold(doc: EventDoc, seats: number, version: number) {
  const { totalSeats, heldSeats, waitingCount, holdsUntil } = doc;
  return {
    version,
    totalSeats,
    availableSeats: totalSeats - seats,
    heldSeats,
    soldSeats: seats,
    waitingCount,
    holdsUntil,
  };
}

function stateAfter(doc: EventDoc, more: Partial<EventDoc>) {
  return toEventState({ ...doc, ...more });
}

const READ_NOTHING = () => Promise.reject(new Error('The database was asked'));

describe('what a process knows of the events', () => {
  it('serves an event that the feed carried', () => {
    const doc = eventDoc();
    expect(knowing(doc).get(doc)).toBe(doc);
  });

  it('serves nothing while the feed is not current, and what it knows once it is again', () => {
    const doc = eventDoc();
    const { follows, knownEvents, get } = knowing(doc);
    follows.isCurrent = false;
    expect(get(doc)).toBeNull();
    expect([knownEvents.all(), knownEvents.isCurrent]).toEqual([null, false]);
    follows.isCurrent = true;
    expect(get(doc)).toBe(doc);
  });

  it('serves nothing before it follows a feed', () => {
    const doc = eventDoc();
    const { feed, get } = createKnownEvents();
    feed.begin();
    feed.put(doc);
    expect(get(doc._id.toHexString())).toBeNull();
  });

  it('takes over newer counters, and drops older ones', () => {
    const doc = eventDoc({ version: 3 });
    const { feed, get } = knowing(doc);
    feed.putCounters(doc._id.toHexString(), sold(doc, 4, 5));
    feed.putCounters(doc._id.toHexString(), sold(doc, 2, 4));
    const ticketTypes = doc.ticketTypes.map((type) => ({ ...type, sold: 4 }));
    expect(get(doc)).toEqual({ ...doc, version: 5, availableSeats: 6, soldSeats: 4, ticketTypes });
  });

  it('shows a commit of this process at once, whatever older change arrives behind it', () => {
    const doc = eventDoc();
    const { feed, knownEvents, get } = knowing(doc);
    knownEvents.noteCommit(stateAfter(doc, sold(doc, 2, 3)));
    feed.put(doc);
    feed.putCounters(doc._id.toHexString(), sold(doc, 1, 2));
    expect(get(doc)).toMatchObject({ version: 3, availableSeats: 8 });
    feed.putCounters(doc._id.toHexString(), sold(doc, 2, 3));
    feed.put({ ...doc, title: 'Set back by hand' });
    expect(get(doc)).toMatchObject({ version: 1, availableSeats: 10, title: 'Set back by hand' });
  });

  it('follows the feed if it was faster than the end of the commit', () => {
    const [doc, created] = [eventDoc(), eventDoc()];
    const { feed, knownEvents, noteCreated, get } = knowing(doc);
    feed.putCounters(doc._id.toHexString(), sold(doc, 2, 3));
    knownEvents.noteCommit(stateAfter(doc, sold(doc, 1, 2)));
    expect(get(doc)).toMatchObject({ version: 3, availableSeats: 8 });
    feed.put({ ...created, version: 2 });
    noteCreated(created);
    expect(get(created)).toMatchObject({ version: 2 });
  });

  it('shows an event that this process created at once', () => {
    const doc = eventDoc();
    const { noteCreated, get } = knowing();
    noteCreated(doc);
    expect(get(doc)).toBe(doc);
  });

  it('has an event read after this process edited it, until the feed carries its document', async () => {
    const doc = eventDoc();
    const { feed, get, knownEvents } = knowing(doc);
    const edited = { ...doc, title: 'Renamed', version: 2, revision: 2 };
    knownEvents.noteCommit(toEventState(edited));
    expect(get(doc)).toBeNull();
    feed.put(doc);
    expect(get(doc)).toBeNull();
    expect(await knownEvents.getAll([doc._id.toHexString()], async () => [edited])).toEqual([edited]);
    expect(get(doc)).toEqual(edited);
  });

  it('follows an edit by another program, also to a lower version', () => {
    const doc = eventDoc({ version: 9 });
    const { feed, get } = knowing(doc);
    feed.putOutsideEdit({ ...doc, version: 4, availableSeats: 1 });
    expect(get(doc)).toMatchObject({ version: 4, availableSeats: 1 });
    feed.putCounters(doc._id.toHexString(), sold(doc, 10, 5));
    expect(get(doc)).toMatchObject({ version: 5, availableSeats: 0 });
  });

  it('reads what it does not know, and keeps it', async () => {
    const [known, unknown] = [eventDoc(), eventDoc()];
    const { knownEvents } = knowing(known);
    const ids = [unknown, known].map(({ _id }) => _id.toHexString());
    const asked: string[][] = [];
    const read = async (missing: string[]) => {
      asked.push(missing);
      return [unknown];
    };
    expect(await knownEvents.getAll(ids, read)).toEqual([unknown, known]);
    expect(asked).toEqual([[ids[0]]]);
    expect(await knownEvents.getAll(ids, READ_NOTHING)).toEqual([unknown, known]);
  });

  it('does not keep a document that changed while it was read', async () => {
    const doc = eventDoc();
    const { feed, knownEvents, get } = knowing();
    await knownEvents.getAll([doc._id.toHexString()], async () => {
      feed.putCounters(doc._id.toHexString(), sold(doc, 1, 2));
      return [doc];
    });
    expect(get(doc)).toBeNull();
  });

  it('does not keep a document that was deleted while it was read', async () => {
    const doc = eventDoc();
    const { feed, knownEvents, get } = knowing();
    await knownEvents.getAll([doc._id.toHexString()], async () => {
      feed.forget(doc._id.toHexString());
      return [doc];
    });
    expect(get(doc)).toBeNull();
  });

  it('knows nothing of an event that was looked for and does not exist', async () => {
    const { knownEvents } = knowing();
    expect(await knownEvents.getAll(['a'.repeat(24)], async () => [])).toEqual([]);
    expect(knownEvents.all()).toEqual([]);
  });

  it('names all events only while it has the document of each', () => {
    const [one, other] = [eventDoc(), eventDoc()];
    const { knownEvents } = knowing(one, other);
    expect(new Set(knownEvents.all())).toEqual(new Set([one, other]));
    knownEvents.noteCommit(stateAfter(one, { revision: 2 }));
    expect(knownEvents.all()).toBeNull();
  });

  it('leaves out the events used longest ago when there is no more room, and then does not name all', () => {
    const description = 'x'.repeat(8_000_000);
    const docs = Array.from({ length: 10 }, () => eventDoc({ description }));
    const { knownEvents, get } = knowing(...docs);
    expect(get(docs[0] as EventDoc)).toBeNull();
    expect(get(docs[9] as EventDoc)).toBe(docs[9]);
    expect(knownEvents.all()).toBeNull();
  });

  it('does not serve a document that another program gave other types', () => {
    const doc = eventDoc();
    const { feed, get } = knowing(doc);
    feed.putOutsideEdit({ ...doc, startsAt: 'soon' as never });
    expect(get(doc)).toBeNull();
  });

  it('counts a generation for each change that may change a list, and none for seats', () => {
    const doc = eventDoc();
    const { feed, knownEvents } = knowing(doc);
    const changes = (change: () => void): number => {
      const before = knownEvents.generation;
      change();
      return knownEvents.generation - before;
    };
    expect(changes(() => feed.putCounters(doc._id.toHexString(), sold(doc, 1, 2)))).toBe(0);
    expect(changes(() => knownEvents.noteCommit(stateAfter(doc, sold(doc, 2, 3))))).toBe(0);
    expect(changes(() => feed.put({ ...doc, version: 4, revision: 2, description: 'New' }))).toBe(0);
    expect(changes(() => feed.put({ ...doc, version: 5, revision: 3, status: 'draft' }))).toBe(1);
    expect(changes(() => feed.put(eventDoc()))).toBe(1);
    expect(changes(() => knownEvents.noteCommit(stateAfter(doc, { version: 6, revision: 4 })))).toBe(1);
    expect(changes(() => feed.forget(doc._id.toHexString()))).toBe(1);
    expect(changes(() => feed.begin())).toBe(1);
  });
});
