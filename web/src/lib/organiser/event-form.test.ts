import { expect, test } from 'vitest';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import { anEvent } from '#lib/live/fixtures.ts';
import { changesOf, emptyFields, fieldsOf, newEventOf, parseEvent, type EventFields } from './event-form.ts';
import { emptyType, type TicketTypeFields } from './ticket-type-form.ts';

const filled: EventFields = {
  ...emptyFields('Europe/Berlin'),
  title: ' Jazz im Hinterhof ',
  venue: 'Alte Schlosserei',
  startsAt: '2026-10-14T20:00',
  ticketTypes: [{ ...emptyType(), price: '12,50' }],
};

/** The fields of an event with these changes to its first ticket type. */
function withFirstType(fields: EventFields, more: Partial<TicketTypeFields>): EventFields {
  const [first = emptyType(), ...others] = fields.ticketTypes;
  return { ...fields, ticketTypes: [{ ...first, ...more }, ...others] };
}

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
    maxSeatsPerUser: null,
  });
  expect(newEventOf(settingsOf(filled))).toMatchObject({ price: { amount: 1250, currency: 'EUR' } });
});

test('all invalid fields of an event form have an issue at once', () => {
  const parsed = parseEvent(withFirstType({ ...emptyFields('Mars/Base'), totalSeats: 'many' }, { price: 'free' }));
  expect(parsed).toEqual({
    ok: false,
    issues: {
      title: 'required',
      venue: 'required',
      timeZone: 'time_zone',
      startsAt: 'required',
      totalSeats: 'number',
      'new-1.price': 'amount',
    },
  });
});

test('an invalid currency is an issue of the currency field', () => {
  expect(parseEvent({ ...filled, currency: 'EURO' })).toEqual({ ok: false, issues: { currency: 'invalid' } });
});

test('an unchanged event form has no changes', () => {
  const fields = fieldsOf(anEvent({ endsAt: '2026-10-14T21:00:00.000Z', salesOpenAt: '2026-09-01T08:00:00.000Z' }));
  expect(changesOf(fields, settingsOf(fields))).toEqual({});
});

test('the changes of an event form are those of its changed fields', () => {
  const before = fieldsOf(anEvent());
  const after = { ...before, title: 'Jazz im Saal', currency: 'CHF' };
  expect(changesOf(before, settingsOf(after))).toEqual({
    title: 'Jazz im Saal',
    price: { amount: 2000, currency: 'CHF' },
  });
});

test('a changed time zone changes the times of an event form, too', () => {
  const before = fieldsOf(anEvent());
  const after = { ...before, timeZone: 'Europe/London' };
  expect(changesOf(before, settingsOf(after))).toMatchObject({
    timeZone: 'Europe/London',
    startsAt: '2026-10-14T19:00:00.000Z',
  });
});

test('an emptied optional field of an event form becomes null', () => {
  const before = fieldsOf(anEvent({ endsAt: '2026-10-14T21:00:00.000Z', maxSeatsPerUser: 4 }));
  const after = { ...before, endsAt: '', maxSeatsPerUser: '' };
  expect(changesOf(before, settingsOf(after))).toEqual({ endsAt: null, maxSeatsPerUser: null });
});

test('a changed time zone with the same clock changes no time of an event form, also in the repeated hour of autumn', () => {
  for (const startsAt of ['2026-10-25T00:15:00.000Z', '2026-10-25T01:15:00.000Z', '2026-10-14T18:00:30.000Z']) {
    const before = fieldsOf(anEvent({ startsAt, salesOpenAt: startsAt, endsAt: '2026-10-25T01:30:00.000Z' }));
    const after = { ...before, timeZone: 'Europe/Vienna' };
    expect(changesOf(before, settingsOf(after)), startsAt).toEqual({ timeZone: 'Europe/Vienna' });
  }
});

test('an alias of the time zone is not a change of an event form', () => {
  const before = fieldsOf(anEvent({ timeZone: 'US/Eastern' }));
  expect(changesOf(before, settingsOf({ ...before, timeZone: 'america/new_york' }))).toEqual({});
});

test('of two times with one wall-clock time an event form keeps the stored one, and can choose the other', () => {
  const [first, second] = ['2026-10-25T00:15:00.000Z', '2026-10-25T01:15:00.000Z'];
  const fields = fieldsOf(anEvent({ startsAt: first, endsAt: second }));
  expect(fields).toMatchObject({
    startsAt: '2026-10-25T02:15',
    startsAtTurn: '',
    endsAt: '2026-10-25T02:15',
    endsAtTurn: 'second',
  });
  expect(settingsOf(fields)).toMatchObject({ startsAt: first, endsAt: second });
  expect(changesOf(fields, settingsOf({ ...fields, endsAtTurn: '' }))).toEqual({ endsAt: first });
});

test('whole numbers in an event form may have thousands separators', () => {
  const settings = settingsOf({ ...filled, totalSeats: '8,000', maxSeatsPerUser: '1.000' });
  expect(settings).toMatchObject({ totalSeats: 8_000, maxSeatsPerUser: 1_000 });
});

test('several ticket types are sent as a whole list, with ids for the stored ones', () => {
  const before = fieldsOf(anEvent());
  const types = [...before.ticketTypes, { ...emptyType(), name: ' Child ', price: '8', limit: '10', isHidden: true }];
  const after = { ...before, hasTypeList: true, ticketTypes: types };
  expect(changesOf(before, settingsOf(after))).toEqual({
    ticketTypes: [
      expect.objectContaining({ id: 't1', price: { amount: 2000, currency: 'EUR' } }),
      {
        name: 'Child',
        description: '',
        price: { amount: 800, currency: 'EUR' },
        seats: 1,
        limit: 10,
        salesFrom: null,
        salesUntil: null,
        minPerBooking: 0,
        maxPerBooking: null,
        access: 'voucher',
      },
    ],
  });
});

test('a new event with a list of ticket types is created from the types, and one without from a price', () => {
  const types = [{ ...emptyType(), name: 'Adult', price: '12' }];
  expect(newEventOf(settingsOf({ ...filled, hasTypeList: true, ticketTypes: types }))).toMatchObject({
    ticketTypes: [{ name: 'Adult' }],
  });
  expect(Object.keys(newEventOf(settingsOf(filled)))).not.toContain('ticketTypes');
});

test('a ticket type in the list needs a name, and the form of one price does not show it', () => {
  expect(parseEvent({ ...filled, hasTypeList: true })).toEqual({ ok: false, issues: { 'new-1.name': 'required' } });
  expect(parseEvent(filled).ok).toBe(true);
});

test('an archived ticket type is left out of the sent list', () => {
  const before = fieldsOf(anEvent({ ticketTypes: [aTicketType({ id: 't1' }), aTicketType({ id: 't2' })] }));
  const after = {
    ...before,
    ticketTypes: before.ticketTypes.map((type) => ({ ...type, isArchived: type.key === 't2' })),
  };
  expect(changesOf(before, settingsOf(after))).toMatchObject({ ticketTypes: [{ id: 't1' }] });
});

test('the details of an event are typed as texts, and what is empty is null', () => {
  const fields = {
    ...filled,
    category: ' Music ',
    tags: ' Jazz, , Open Air,',
    city: ' ',
    organiser: ' AG Kultur ',
    minAge: '16',
    accessInfo: 'Two steps.\nAsk at the door.',
    doorsAt: '2026-10-14T19:15',
  };
  expect(settingsOf(fields)).toMatchObject({
    category: 'Music',
    tags: ['Jazz', 'Open Air'],
    city: null,
    organiser: 'AG Kultur',
    address: null,
    minAge: 16,
    accessInfo: 'Two steps.\nAsk at the door.',
    seating: null,
    doorsAt: '2026-10-14T17:15:00.000Z',
  });
  expect(newEventOf(settingsOf(fields))).not.toHaveProperty('city');
  expect(parseEvent({ ...fields, minAge: 'grown up' })).toEqual({ ok: false, issues: { minAge: 'number' } });
});

test('an edit sends only the details that mean something else', () => {
  const event = anEvent({ tags: ['Jazz', 'Open Air'], city: 'Köln', organiser: 'AG Kultur', minAge: 16 });
  const fields = fieldsOf(event);
  const typed = { ...fields, tags: 'Jazz,Open Air', city: 'Köln ', organiser: 'AG Kultur ', minAge: '' };
  expect(changesOf(fields, settingsOf(typed))).toEqual({ minAge: null });
});
