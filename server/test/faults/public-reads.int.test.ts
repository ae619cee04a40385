import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { searchFieldsOf } from '#server/models/event.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Person, TestApp } from '../support/test-app.ts';
import { eventInput, testApp } from '../support/test-app.ts';

const EVENTS = 5_000;
const CLIENTS = 20;
const BOOKINGS = 24;
/** Words that every title has, so that each of them is looked for in each event. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const TITLE = `${LETTERS} ${[...LETTERS].map((letter) => `${letter}a${letter}`).join('')}`.slice(0, 120);
/** 66 words in the 200 characters of a query; each round asks for them in another order, so that no result is kept. */
function queryOf(round: number): string {
  const words = [...LETTERS, ...[...LETTERS].map((letter) => `${letter}a`)];
  const first = round % words.length;
  return [...words.slice(first), ...words.slice(0, first)].join(' ').slice(0, 200);
}

async function addEvents({ app: { models } }: TestApp, eventId: string): Promise<void> {
  const { _id, ...like } = await models.events.findById(eventId).orFail().lean<EventDoc>();
  const docs = Array.from({ length: EVENTS }, (_, index) => {
    const title = `${TITLE.slice(0, 110)} ${index}`;
    const startsAt = new Date(like.startsAt.getTime() + index * 60_000);
    return {
      ...like,
      ...searchFieldsOf({ title, venue: like.venue }),
      _id: new Types.ObjectId(),
      title,
      startsAt,
      requestId: null,
    };
  });
  await models.events.collection.insertMany(docs);
}

async function bookSeats({ must }: Person, eventId: string): Promise<void> {
  for (let count = 0; count < BOOKINGS; count += 1) {
    await must('book', { requestId: randomUUID(), eventId, seats: 1 });
  }
}

function search(round: number, when: 'upcoming' | 'all'): string {
  const input = new URLSearchParams({ query: queryOf(round), when, page: String(1 + (round % 3)) });
  return `/api/events?${input.toString()}`;
}

/** What anybody may read, by the number of the read. */
const READS: [string, (round: number, eventId: string) => string][] = [
  // The server knows the upcoming events; the database searches all of them.
  ['searches of upcoming events', (round) => search(round, 'upcoming')],
  ['searches of all events', (round) => search(round, 'all')],
  ['reads of deep pages', (round) => `/api/events?when=all&limit=100&page=${40 + (round % 10)}`],
  ['reads of one event', (_round, eventId) => `/api/events/${eventId}`],
  ['reads of the first page', (round) => `/api/events?when=${round % 2 ? 'past' : 'upcoming'}`],
];

const undos: (() => Promise<void>)[] = [];
let app: TestApp;
let buyer: Person;
let eventId: string;

// One server for all: it takes longer to add the events than to read them.
beforeAll(async () => {
  // The added events have no ledger.
  const options = { expectsAgreement: false, env: { RATE_LIMITS: 'off' } };
  app = await testApp({ onTestFinished: (undo) => void undos.push(undo) }, options);
  const admin = await app.admin();
  ({ id: eventId } = await admin.must('createEvent', eventInput({ totalSeats: 1_000 })));
  await addEvents(app, eventId);
  buyer = await app.register('alice');
}, 240_000);

afterAll(async () => {
  for (const undo of undos.toReversed()) await undo();
});

it.for(READS)(
  '20 clients with %s at once, over 5,000 events, refuse no booking, and end answered or BUSY',
  { timeout: 240_000 },
  async ([, address]) => {
    let isOver = false;
    const statuses = new Set<number>();
    const read = async () => {
      for (let round = 0; !isOver; round += 1) {
        const response = await app.get(address(round, eventId));
        await response.text();
        statuses.add(response.status);
      }
    };
    const reading = Array.from({ length: CLIENTS }, read);
    await bookSeats(buyer, eventId).finally(() => (isOver = true));
    await Promise.all(reading);

    // Answered, or refused as BUSY; never a time-out of the database.
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses).toContain(200);
  },
);
