import { expect, test } from 'vitest';
import type { Event } from '#shared/event.ts';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import { anEvent } from '#lib/live/fixtures.ts';
import { EventDraft } from './event-draft.svelte.ts';
import { parseEvent } from './event-form.ts';
import type { TicketTypeFields } from './ticket-type-form.ts';

const later = (more: Partial<Event>) => anEvent({ revision: 2, ...more });

function changesOf(draft: EventDraft) {
  const parsed = parseEvent(draft.fields);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return draft.changes(parsed.settings);
}

/** The fields of one ticket type of a draft. */
function typeIn({ fields }: EventDraft, key: string): TicketTypeFields {
  const type = fields.ticketTypes.find((one) => one.key === key);
  if (type === undefined) throw new Error(`no type ${key}`);
  return type;
}

const keysOf = ({ fields }: EventDraft) => fields.ticketTypes.map(({ key }) => key);
const adult = aTicketType({ id: 't1', name: 'Adult' });
const child = aTicketType({ id: 't2', name: 'Child' });
const parking = aTicketType({ id: 't3', name: 'Parking', seats: 0 });

test('a draft takes over another organiser’s edit of other fields, and keeps the typed values', () => {
  const draft = new EventDraft(anEvent(), 'UTC');
  draft.fields.venue = 'Pier 9';
  expect(draft.follow(later({ title: 'Blues', holdMinutes: 5 }))).toEqual(['title', 'holdMinutes']);
  expect(draft.fields).toMatchObject({ title: 'Blues', venue: 'Pier 9', holdMinutes: '5' });
  expect([draft.revision, draft.conflicts, changesOf(draft)]).toEqual([2, [], { venue: 'Pier 9' }]);
});

test('an older or equal revision of the event does not change the draft', () => {
  const draft = new EventDraft(later({ title: 'Blues' }), 'UTC');
  for (const revision of [1, 2]) expect(draft.follow(anEvent({ revision }))).toEqual([]);
  expect(draft.fields.title).toBe('Blues');
});

test('a field that two organisers have changed is a conflict until the organiser chooses', () => {
  const draft = new EventDraft(anEvent(), 'UTC');
  Object.assign(draft.fields, { title: 'Blues', venue: 'Pier 9' });
  draft.follow(later({ title: 'Swing', venue: 'Pier 7' }));
  expect(draft.conflicts).toEqual(['title', 'venue']);
  expect([draft.fields.title, draft.base.title]).toEqual(['Blues', 'Swing']);
  draft.choose('title', 'theirs');
  draft.choose('venue', 'mine');
  expect([draft.conflicts, changesOf(draft)]).toEqual([[], { venue: 'Pier 9' }]);
});

test('a conflict stays through a further edit of another field', () => {
  const draft = new EventDraft(anEvent(), 'UTC');
  draft.fields.title = 'Blues';
  draft.follow(later({ title: 'Swing' }));
  draft.follow(anEvent({ revision: 3, title: 'Swing', venue: 'Pier 7' }));
  expect([draft.conflicts, draft.base.title]).toEqual([['title'], 'Swing']);
});

test('the same edit by two organisers is not a conflict, however it is typed', () => {
  const draft = new EventDraft(anEvent(), 'UTC');
  Object.assign(draft.fields, { title: ' Blues ' });
  typeIn(draft, 't1').price = '12,5';
  draft.follow(later({ title: 'Blues', ticketTypes: [aTicketType({ price: { amount: 1_250, currency: 'EUR' } })] }));
  expect([draft.conflicts, draft.isChanged]).toEqual([[], false]);
});

test('amount and currency count as one field of a draft, and so do a time and its turn in a repeated hour', () => {
  const draft = new EventDraft(anEvent(), 'UTC');
  typeIn(draft, 't1').price = '30';
  const price = { amount: 2_000, currency: 'CHF' };
  draft.follow(later({ price, ticketTypes: [aTicketType({ price })] }));
  expect(draft.conflicts).toEqual(['t1.price']);
  draft.choose('t1.price', 'theirs');
  expect(draft.fields).toMatchObject({ ticketTypes: [{ price: '20.00' }], currency: 'CHF' });
});

test('a changed time zone conflicts with a changed time', () => {
  const mine = new EventDraft(anEvent(), 'UTC');
  mine.fields.timeZone = 'Europe/London';
  mine.follow(later({ startsAt: '2026-10-14T19:00:00.000Z' }));
  expect(mine.conflicts).toEqual(['startsAt']);
  const theirs = new EventDraft(anEvent(), 'UTC');
  theirs.fields.startsAt = '2026-10-14T21:00';
  theirs.follow(later({ timeZone: 'Europe/London', startsAt: '2026-10-14T19:00:00.000Z' }));
  expect(theirs.conflicts).toEqual(['startsAt']);
});

test('after a save the form shows the stored values, and keeps values typed during the save', () => {
  const draft = new EventDraft(anEvent(), 'UTC');
  draft.fields.title = ' Blues ';
  const sent = structuredClone($state.snapshot(draft.fields));
  draft.fields.venue = 'Pier 9';
  draft.saved(later({ title: 'Blues' }), sent);
  expect(draft.fields).toMatchObject({ title: 'Blues', venue: 'Pier 9' });
  expect([draft.revision, changesOf(draft)]).toEqual([2, { venue: 'Pier 9' }]);
});

test('the draft of a new event counts as changed once a value is typed', () => {
  const draft = new EventDraft(null, 'Europe/Berlin');
  expect([draft.isChanged, draft.fields.timeZone]).toEqual([false, 'Europe/Berlin']);
  draft.fields.title = 'Jazz';
  expect(draft.isChanged).toBe(true);
});

test('a time zone typed letter by letter moves no stored time, and a typed time stays as it was typed', () => {
  const event = anEvent({ timeZone: 'Europe/Berlin', startsAt: '2026-10-14T18:00:00.000Z' });
  const draft = new EventDraft(event, 'UTC');
  const zone = 'Europe/London';
  for (const length of zone.split('').keys()) draft.setTimeZone(zone.slice(0, length + 1));
  expect(draft.fields).toMatchObject({ timeZone: zone, startsAt: '2026-10-14T19:00' });
  expect(changesOf(draft)).toEqual({ timeZone: zone });
  draft.fields.startsAt = '2026-10-14T21:00';
  draft.setTimeZone('Asia/Tokyo');
  expect(changesOf(draft)).toEqual({ timeZone: 'Asia/Tokyo', startsAt: '2026-10-14T12:00:00.000Z' });
});

test('a change of the time zone keeps the moment of a time in the hour that autumn repeats', () => {
  for (const startsAt of ['2026-10-25T00:15:00.000Z', '2026-10-25T01:15:00.000Z']) {
    const draft = new EventDraft(anEvent({ timeZone: 'Europe/Berlin', startsAt }), 'UTC');
    for (const zone of ['Europe/London', 'Europe/Lisbon', 'UTC']) {
      draft.setTimeZone(zone);
      expect(changesOf(draft), `${startsAt} ${zone}`).toEqual({ timeZone: zone });
    }
    draft.setTimeZone('Europe/Berlin');
    expect(draft.isChanged, startsAt).toBe(false);
  }
});

test('edits of different fields and types by two organisers are merged, and the same field is a conflict', () => {
  const draft = new EventDraft(anEvent({ ticketTypes: [adult, child] }), 'UTC');
  typeIn(draft, 't1').limit = '50';
  typeIn(draft, 't2').name = 'Kid';
  const theirs = [
    { ...adult, description: 'From 16' },
    { ...child, name: 'Pupil', limit: 7 },
  ];
  expect(draft.follow(later({ ticketTypes: theirs }))).toEqual(['t1.description', 't2.name', 't2.limit']);
  expect(draft.conflicts).toEqual(['t2.name']);
  expect(draft.fields.ticketTypes).toMatchObject([
    { limit: '50', description: 'From 16' },
    { name: 'Kid', limit: '7' },
  ]);
  draft.choose('t2.name', 'theirs');
  expect(changesOf(draft)).toMatchObject({
    ticketTypes: [
      { id: 't1', limit: 50 },
      { id: 't2', name: 'Pupil' },
    ],
  });
});

test('types that two organisers add stay both, and a type that another one removed is reported as archived', () => {
  const draft = new EventDraft(anEvent({ ticketTypes: [adult, child] }), 'UTC');
  const key = draft.addType();
  typeIn(draft, key).name = 'Family';
  expect(draft.follow(later({ ticketTypes: [adult, parking] }))).toEqual(['t3.name', 't2.isArchived']);
  expect(keysOf(draft)).toEqual(['t1', 't3', key]);
  expect(changesOf(draft)).toMatchObject({ ticketTypes: [{ id: 't1' }, { id: 't3' }, { name: 'Family' }] });
});

test('a draft keeps its own order of the types when another organiser edits them, and follows theirs otherwise', () => {
  const mine = new EventDraft(anEvent({ ticketTypes: [adult, child, parking] }), 'UTC');
  mine.moveType('t3', -1);
  mine.follow(later({ ticketTypes: [adult, { ...child, limit: 3 }, parking] }));
  expect(keysOf(mine)).toEqual(['t1', 't3', 't2']);
  const theirs = new EventDraft(anEvent({ ticketTypes: [adult, child, parking] }), 'UTC');
  theirs.follow(later({ ticketTypes: [parking, adult, child] }));
  expect(keysOf(theirs)).toEqual(['t3', 't1', 't2']);
});

test('types move among those on sale only, and not beyond the first and the last', () => {
  const draft = new EventDraft(anEvent({ ticketTypes: [adult, { ...child, archived: true }, parking] }), 'UTC');
  draft.moveType('t1', -1);
  expect(keysOf(draft)).toEqual(['t1', 't2', 't3']);
  draft.moveType('t1', 1);
  expect(keysOf(draft)).toEqual(['t3', 't2', 't1']);
  expect(draft.isChanged).toBe(true);
});

test('archiving keeps a stored type and removes a new one', () => {
  const draft = new EventDraft(anEvent({ ticketTypes: [adult, child] }), 'UTC');
  draft.archiveType(draft.addType());
  expect(draft.isChanged).toBe(false);
  draft.archiveType('t2');
  expect(changesOf(draft)).toMatchObject({ ticketTypes: [{ id: 't1' }] });
});

test('listing the types of an event with one price names its type and adds a second one', () => {
  const draft = new EventDraft(null, 'UTC');
  expect(draft.listTypes('Ticket')).toBe('new-2');
  expect(draft.fields).toMatchObject({ hasTypeList: true, ticketTypes: [{ name: 'Ticket' }, { name: '' }] });
  const stored = new EventDraft(anEvent({ ticketTypes: [adult] }), 'UTC');
  stored.listTypes('Ticket');
  expect(typeIn(stored, 't1').name).toBe('Adult');
});

test('after a save new types have their ids, and keep what was typed during the save', () => {
  const draft = new EventDraft(anEvent({ ticketTypes: [adult, child] }), 'UTC');
  const key = draft.addType();
  typeIn(draft, key).name = 'Parking';
  const sent = structuredClone($state.snapshot(draft.fields));
  typeIn(draft, key).seats = '0';
  typeIn(draft, draft.addType()).name = 'Family';
  draft.saved(later({ ticketTypes: [adult, child, { ...parking, seats: 1 }] }), sent);
  expect(draft.fields.ticketTypes.map(({ key, name }) => `${key} ${name}`)).toEqual([
    't1 Adult',
    't2 Child',
    't3 Parking',
    'new-2 Family',
  ]);
  expect(changesOf(draft)).toMatchObject({ ticketTypes: [{}, {}, { id: 't3', seats: 0 }, { name: 'Family' }] });
});

test('a stored window of a type keeps its moment and its seconds when the time zone changes', () => {
  const early = { ...adult, salesUntil: '2026-10-01T10:00:30.000Z' };
  const draft = new EventDraft(anEvent({ timeZone: 'Europe/Berlin', ticketTypes: [early, child] }), 'UTC');
  draft.setTimeZone('Europe/London');
  expect(typeIn(draft, 't1').salesUntil).toBe('2026-10-01T11:00');
  expect(changesOf(draft)).toEqual({ timeZone: 'Europe/London' });
  typeIn(draft, 't2').limit = '5';
  expect(changesOf(draft).ticketTypes?.[0]?.salesUntil).toBe('2026-10-01T10:00:30.000Z');
});
