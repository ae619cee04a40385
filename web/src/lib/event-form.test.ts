import { expect, test } from 'vitest';
import { anEvent } from '#lib/live/fixtures.ts';
import { changesOf, emptyFields, fieldsOf, parseEvent, type EventFields } from './event-form.ts';

const filled: EventFields = {
  ...emptyFields('Europe/Berlin'),
  title: ' Jazz im Hinterhof ',
  venue: 'Alte Schlosserei',
  startsAt: '2026-10-14T20:00',
  price: '12,50',
};

function settingsOf(fields: EventFields) {
  const parsed = parseEvent(fields);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.settings;
}

test('an event form is parsed to UTC times, minor units and null for empty fields', () => {
  expect(settingsOf(filled)).toMatchObject({
    title: 'Jazz im Hinterhof',
    startsAt: '2026-10-14T18:00:00.000Z',
    endsAt: null,
    salesCloseAt: null,
    totalSeats: 100,
    price: { amount: 1250, currency: 'EUR' },
    maxSeatsPerUser: null,
  });
});

test('all invalid fields of an event form have an issue at once', () => {
  const parsed = parseEvent({ ...emptyFields('Mars/Base'), totalSeats: 'many', price: 'free' });
  expect(parsed).toEqual({
    ok: false,
    issues: {
      title: 'required',
      venue: 'required',
      timeZone: 'time_zone',
      startsAt: 'required',
      totalSeats: 'number',
      price: 'amount',
    },
  });
});

test('an invalid currency is an issue of the currency field', () => {
  expect(parseEvent({ ...filled, currency: 'EURO' })).toEqual({ ok: false, issues: { currency: 'invalid' } });
});

test('an unchanged event form has no changes', () => {
  const fields = fieldsOf(anEvent({ endsAt: '2026-10-14T21:00:00.000Z', salesOpenAt: '2026-09-01T08:00:00.000Z' }));
  expect(changesOf(fields, fields, settingsOf(fields))).toEqual({});
});

test('the changes of an event form are those of its changed fields', () => {
  const before = fieldsOf(anEvent());
  const after = { ...before, title: 'Jazz im Saal', currency: 'CHF' };
  expect(changesOf(before, after, settingsOf(after))).toEqual({
    title: 'Jazz im Saal',
    price: { amount: 2000, currency: 'CHF' },
  });
});

test('a changed time zone changes the times, too', () => {
  const before = fieldsOf(anEvent());
  const after = { ...before, timeZone: 'Europe/London' };
  expect(changesOf(before, after, settingsOf(after))).toMatchObject({
    timeZone: 'Europe/London',
    startsAt: '2026-10-14T19:00:00.000Z',
  });
});

test('an emptied optional field of an event form becomes null', () => {
  const before = fieldsOf(anEvent({ endsAt: '2026-10-14T21:00:00.000Z', maxSeatsPerUser: 4 }));
  const after = { ...before, endsAt: '', maxSeatsPerUser: '' };
  expect(changesOf(before, after, settingsOf(after))).toEqual({ endsAt: null, maxSeatsPerUser: null });
});
