import { expect, test } from 'vitest';
import type { Event } from '#shared/event.ts';
import { anEvent } from '#lib/live/fixtures.ts';
import { EventDraft } from './event-draft.svelte.ts';
import { parseEvent } from './event-form.ts';

const later = (more: Partial<Event>) => anEvent({ revision: 2, ...more });

function changesOf(draft: EventDraft) {
  const parsed = parseEvent(draft.fields);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return draft.changes(parsed.settings);
}

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
  Object.assign(draft.fields, { title: ' Blues ', price: '12,5' });
  draft.follow(later({ title: 'Blues', price: { amount: 1_250, currency: 'EUR' } }));
  expect([draft.conflicts, draft.isChanged]).toEqual([[], false]);
});

test('amount and currency count as one field of a draft, and so do a time and its turn in a repeated hour', () => {
  const draft = new EventDraft(anEvent(), 'UTC');
  draft.fields.price = '30';
  draft.follow(later({ price: { amount: 2_000, currency: 'CHF' } }));
  expect(draft.conflicts).toEqual(['price']);
  draft.choose('price', 'theirs');
  expect(draft.fields).toMatchObject({ price: '20.00', currency: 'CHF' });
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
  const sent = { ...draft.fields };
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
