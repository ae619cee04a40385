import { describe, expect, it } from 'vitest';
import { handClock, NOON } from '../../../test/support/hand-clock.ts';
import { sharedHttp } from '../../../test/support/test-http.ts';
import type { EventDoc } from '#server/models/event.ts';
import { searchFieldsOf } from '#server/models/event.ts';
import type { EventPage, ListEventsInput } from '#shared/event.ts';
import { listEventsInput } from '#shared/event.ts';
import type { EventFilters } from '#shared/events/filters.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import { eventDoc } from '../known/known-events.fixture.ts';
import { createSearchIndex } from '../known/search-index.ts';
import { countFilters } from './count-filters.ts';
import { criteriaOf } from './criteria.ts';

const HOUR_MS = 3_600_000;
const clock = handClock({ standsAt: NOON });

function inHours(hours: number): Date {
  return new Date(clock.now().getTime() + hours * HOUR_MS);
}

/** An event that starts in so many hours. */
function listed(title: string, startsInHours: number, more: Partial<EventDoc> = {}): EventDoc {
  const doc = eventDoc({ title, venue: 'Stadthalle', startsAt: inHours(startsInHours), ...more });
  return { ...doc, ...searchFieldsOf(doc) };
}

const PRICE = { amount: 500, currency: 'EUR' };
const EVENTS = [
  listed('jazz in köln', 5, {
    category: 'Musik',
    city: 'Köln',
    organiser: 'Künstler-Bund',
    tags: ['Jazz', 'Open Air'],
  }),
  listed('soup in köln', 6, { category: 'Essen', city: 'KÖLN', tags: ['open air'], price: PRICE }),
  listed('jazz in zürich', 7, {
    category: 'musik',
    organiser: 'KUNSTLERBUND',
    city: 'Zürich',
    tags: ['Jazz'],
    price: PRICE,
  }),
  listed('sold out', 8, { city: 'Köln', availableSeats: 0, soldSeats: 10 }),
  listed('sale is over', 9, { city: 'Köln', salesCloseAt: inHours(-1) }),
  listed('sale comes', 10, { salesOpenAt: inHours(2) }),
  listed('runs for a week', -48, { endsAt: inHours(120), city: 'Köln' }),
  listed('runs for a week, on sale', -47, { endsAt: inHours(120), salesCloseAt: inHours(100) }),
  listed('in a week', 168, { city: 'Köln', endsAt: inHours(170) }),
  listed('over', -10, { city: 'Köln', organiser: 'künstlerbund', endsAt: inHours(-8) }),
  listed('over long ago', -100, { city: 'Köln', endsAt: inHours(-90) }),
  listed('a draft', 5, { city: 'Köln', organiser: 'Künstler-Bund', status: 'draft' }),
];

describe('a list of events that is filtered', () => {
  const app = sharedHttp({ clock, expectsAgreement: false, env: { RATE_LIMITS: 'off' } });

  async function fill(): Promise<void> {
    await app().models.events.deleteMany({});
    await app().models.events.insertMany(EVENTS);
  }

  async function list(query: Record<string, string>) {
    const reply = await app().http.inject({ url: '/api/events', query });
    const body = reply.json<Partial<EventPage> & { error?: Refusal }>();
    return { ...body, titles: body.events?.map((event) => event.title) };
  }

  const at = (hours: number) => inHours(hours).toISOString();
  const CASES: [Partial<Record<keyof ListEventsInput, string>>, string[]][] = [
    [{ city: 'KOLN' }, ['runs for a week', 'jazz in köln', 'soup in köln', 'sold out', 'sale is over', 'in a week']],
    [{ city: 'Zürich' }, ['jazz in zürich']],
    [{ city: 'Köl' }, []],
    [{ category: ' musik ' }, ['jazz in köln', 'jazz in zürich']],
    [{ tag: 'open-air', city: 'Köln' }, []],
    [{ tag: 'Open Air', city: 'Köln' }, ['jazz in köln', 'soup in köln']],
    [{ organiser: 'kunstlerbund' }, ['jazz in köln', 'jazz in zürich']],
    [{ organiser: 'Künstler-Bund', city: 'Zürich' }, ['jazz in zürich']],
    [{ organiser: 'Künstler' }, []],
    [{ when: 'past', organiser: 'KünstlerBund' }, ['over']],
    [{ tag: 'jazz', query: 'zur' }, ['jazz in zürich']],
    [{ city: 'köln', query: 'jazz' }, ['jazz in köln']],
    [{ free: 'true', tag: 'jazz' }, ['jazz in köln']],
    [{ available: 'true', city: 'köln' }, ['jazz in köln', 'soup in köln', 'in a week']],
    [{ available: 'true', free: 'true' }, ['runs for a week, on sale', 'jazz in köln', 'sale comes', 'in a week']],
    [{ from: at(6), to: at(8), city: 'Köln' }, ['runs for a week', 'soup in köln']],
    [{ from: at(169), to: at(200) }, ['in a week']],
    [{ from: at(170) }, []],
    [{ from: at(130), to: at(168) }, []],
    [{ from: at(119), to: at(168) }, ['runs for a week', 'runs for a week, on sale']],
    [{ from: at(120), to: at(168) }, []],
    [{ from: at(-1_000), to: at(5) }, ['runs for a week', 'runs for a week, on sale']],
    [{ when: 'past', from: at(-9) }, ['over']],
    [{ when: 'past', to: at(-10) }, ['over long ago']],
    [{ when: 'past', city: 'koln' }, ['over long ago', 'over']],
    [{ when: 'all', from: at(-9), to: at(-8) }, ['runs for a week', 'runs for a week, on sale', 'over']],
  ];

  it.for(CASES)('by %j has what fits, soonest first', async ([query, titles]) => {
    await fill();
    const found = await list(query);
    expect(found).toMatchObject({ titles, total: titles.length });
  });

  it.for(CASES.filter(([{ when }]) => when === undefined))(
    'by %j is the same among the known events',
    ([query, titles]) => {
      const switches = Object.fromEntries(
        Object.entries(query).map(([name, value]) => [name, value === 'true' || value]),
      );
      const criteria = criteriaOf(listEventsInput.parse(switches));
      const seats = new Map(EVENTS.map(({ _id, availableSeats }) => [_id.toHexString(), availableSeats]));
      const { ids } = createSearchIndex(EVENTS).findUpcoming(criteria, clock.now(), (id) => seats.get(id) ?? 0);
      expect(ids.map((id) => EVENTS.find(({ _id }) => _id.toHexString() === id)?.title)).toEqual(titles);
    },
  );

  it('is paged and counted by the database, over running and coming events', async () => {
    await fill();
    const pages = await Promise.all(['1', '2', '3', '4'].map((page) => list({ city: 'Köln', limit: '2', page })));
    expect(pages.map(({ titles }) => titles?.length)).toEqual([2, 2, 2, 0]);
    expect(pages.every(({ total }) => total === 6)).toBe(true);
    expect(new Set(pages.flatMap(({ titles }) => titles)).size).toBe(6);
  });

  it.for([
    [{ city: '' }, 'city'],
    [{ city: 'c'.repeat(81) }, 'city'],
    [{ category: 'c'.repeat(41) }, 'category'],
    [{ organiser: '' }, 'organiser'],
    [{ organiser: 'o'.repeat(121) }, 'organiser'],
    [{ tag: 't'.repeat(31) }, 'tag'],
    [{ from: 'tonight' }, 'from'],
    [{ to: '2026-12-01' }, 'to'],
    [{ from: at(2), to: at(2) }, 'to'],
    [{ free: 'false' }, 'free'],
    [{ free: '1' }, 'free'],
    [{ available: '' }, 'available'],
  ] as const)('by %j is refused', async ([query, path]) => {
    const { error } = await list(query);
    expect([error?.code, error?.issues?.[0]?.path[0]]).toEqual(['INVALID_INPUT', path]);
  });

  it('is chosen by what the upcoming events have', async () => {
    await fill();
    const reply = await app().http.inject({ url: '/api/events/filters' });
    const upcoming = EVENTS.filter(({ status, startsAt, endsAt }) => {
      return status === 'published' && (startsAt >= clock.now() || (endsAt !== null && endsAt >= clock.now()));
    });
    expect(reply.json<EventFilters>()).toEqual(countFilters(upcoming, clock.now()));
    expect(reply.json<EventFilters>()).toMatchObject({ cities: [{ value: 'Köln', count: 6 }, { value: 'Zürich' }] });
    const refused = await app().http.inject({ url: '/api/events/filters', query: { city: 'Köln' } });
    expect(refused.statusCode).toBe(400);
  });
});
