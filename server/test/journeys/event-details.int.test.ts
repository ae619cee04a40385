import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { noDetails } from '#shared/events/details.ts';
import { commandsOf, connected, eventInput, inMinutes, pushed, testApp } from '../support/test-app.ts';

const START = inMinutes(14 * 24 * 60);
const DOORS = inMinutes(14 * 24 * 60 - 45);
const NOTHING = noDetails();
const EVERYTHING = {
  category: 'Music',
  tags: ['Jazz', 'Open Air'],
  city: 'Köln',
  organiser: 'Kulturhaus Köln e. V.',
  address: 'Venloer Straße 389, 50825 Köln',
  doorsAt: DOORS,
  minAge: 16,
  accessInfo: 'Two steps.\nAsk at the door for the ramp.',
  seating: 'Free seating',
};

it('the details of an event are in every reply and push, and an edit changes and clears them', async (t) => {
  const app = await testApp(t);
  const admin = await app.admin();
  const socket = await connected(app.open('/public'));
  const visitor = commandsOf(socket);
  const event = await admin.must('createEvent', eventInput({ startsAt: START, ...EVERYTHING }));
  expect(event).toMatchObject(EVERYTHING);
  expect(await visitor.must('getEvent', { eventId: event.id })).toMatchObject(EVERYTHING);
  expect((await visitor.must('listEvents', {})).events).toMatchObject([EVERYTHING]);
  expect(await (await app.get(`/api/events/${event.id}`)).json()).toMatchObject(EVERYTHING);

  const change = pushed(socket, 'eventChanged', ({ revision }) => revision === 2);
  const some = { city: 'Bonn', tags: ['Blues'], minAge: 0 };
  const changed = await admin.must('updateEvent', { eventId: event.id, revision: 1, changes: some });
  expect(changed).toMatchObject({ ...EVERYTHING, ...some });
  expect(await change).toMatchObject({ ...EVERYTHING, ...some });
  const cleared = { ...NOTHING, tags: null };
  const empty = await admin.must('updateEvent', { eventId: event.id, revision: 2, changes: cleared });
  expect(empty).toMatchObject(NOTHING);
  expect(await visitor.must('getEvent', { eventId: event.id })).toMatchObject(NOTHING);
});

it('an event that says nothing of itself has empty details', async (t) => {
  const app = await testApp(t);
  const admin = await app.admin();
  const event = await admin.must('createEvent', eventInput());
  expect(event).toMatchObject(NOTHING);
  expect(await app.app.models.events.findById(event.id).lean()).toMatchObject({
    ...NOTHING,
    cityKey: null,
    organiserKey: null,
    tagKeys: [],
  });
});

it('details at their limits are taken, and beyond them refused by name', async (t) => {
  const app = await testApp(t);
  const admin = await app.admin();
  const largest = {
    category: 'c'.repeat(40),
    tags: ['1', '2', '3', '4', 't'.repeat(30)],
    city: 'c'.repeat(80),
    organiser: 'o'.repeat(120),
    address: 'a'.repeat(300),
    minAge: 21,
    accessInfo: 'a'.repeat(500),
    seating: 's'.repeat(200),
  };
  expect(await admin.must('createEvent', eventInput(largest))).toMatchObject(largest);
  const tooMuch: Partial<Record<keyof typeof EVERYTHING, unknown>>[] = [
    { category: 'c'.repeat(41) },
    { category: '' },
    { category: 'two\nlines' },
    { tags: ['1', '2', '3', '4', '5', '6'] },
    { tags: ['t'.repeat(31)] },
    { tags: [' '] },
    { tags: 'Jazz' },
    { city: 'c'.repeat(81) },
    { organiser: 'o'.repeat(121) },
    { organiser: ' ' },
    { organiser: 'two\nlines' },
    { address: 'a'.repeat(301) },
    { doorsAt: 'tonight' },
    { minAge: 22 },
    { minAge: -1 },
    { minAge: 17.5 },
    { minAge: '18' },
    { accessInfo: 'a'.repeat(501) },
    { accessInfo: '\n' },
    { seating: 's'.repeat(201) },
  ];
  for (const details of tooMuch) {
    const [name = ''] = Object.keys(details);
    const refused = await admin.send('createEvent', eventInput(details as Partial<typeof EVERYTHING>));
    expect(refused, JSON.stringify(details)).toMatchObject({ error: { code: 'INVALID_INPUT' } });
    const issues = refused.ok ? [] : (refused.error.issues ?? []);
    expect(new Set(issues.map(({ path }) => path[0]))).toEqual(new Set([name]));
  }
});

it('of tags that differ in case and accents alone the first stays', async (t) => {
  const app = await testApp(t);
  const admin = await app.admin();
  const event = await admin.must('createEvent', eventInput({ tags: ['Café', 'Jazz', 'CAFE', 'jazz'] }));
  expect(event.tags).toEqual(['Café', 'Jazz']);
});

it('the doors open before the start, and move with it unless an edit says otherwise', async (t) => {
  const app = await testApp(t);
  const admin = await app.admin();
  const late = await admin.send('createEvent', eventInput({ startsAt: START, doorsAt: inMinutes(15 * 24 * 60) }));
  expect(late).toMatchObject({ error: { code: 'INVALID_INPUT', issues: [{ path: ['doorsAt'] }] } });

  const { id: eventId } = await admin.must('createEvent', eventInput({ startsAt: START, doorsAt: DOORS }));
  const later = (time: string, days: number) => new Date(Date.parse(time) + days * 86_400_000).toISOString();
  const move = { eventId, revision: 1, changes: { startsAt: later(START, 3) } };
  expect(await admin.must('updateEvent', move)).toMatchObject({ doorsAt: later(DOORS, 3) });
  const early = { startsAt: later(START, 1), doorsAt: later(DOORS, 0) };
  expect(await admin.must('updateEvent', { eventId, revision: 2, changes: early })).toMatchObject(early);
  const after = { eventId, revision: 3, changes: { doorsAt: later(START, 2) } };
  const refused = { error: { code: 'INVALID_INPUT', issues: [{ path: ['changes', 'doorsAt'] }] } };
  expect(await admin.send('updateEvent', after)).toMatchObject(refused);
});

it('a creation without details has the digest that earlier servers gave it, so that its repeat is recognised', async (t) => {
  const app = await testApp(t);
  const admin = await app.admin();
  const { requestId, ...input } = eventInput();
  const event = await admin.must('createEvent', { requestId, ...input });
  const defaults = {
    timeZone: 'UTC',
    maxSeatsPerBooking: 10,
    maxSeatsPerUser: null,
    holdMinutes: 10,
    offerMinutes: 120,
    cancelBeforeHours: 24,
    status: 'published',
    price: { amount: 0, currency: 'EUR' },
  };
  const settings = Object.entries({ ...input, ...defaults }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const requestDigest = createHash('sha256').update(JSON.stringify(settings)).digest('base64url');
  expect(await app.app.models.events.findById(event.id).lean()).toMatchObject({ requestDigest });
});
