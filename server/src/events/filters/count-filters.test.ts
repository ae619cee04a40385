import { describe, expect, it } from 'vitest';
import { minutes, NOW } from '#server/booking/rules/decide.fixture.ts';
import { searchFieldsOf } from '#server/models/event.ts';
import { eventDoc } from '../known/known-events.fixture.ts';
import { countFilters } from './count-filters.ts';

/** An event with the keys of its details. */
function listed(more: Parameters<typeof eventDoc>[0] = {}) {
  const doc = eventDoc({ startsAt: minutes(60), ...more });
  return { ...doc, ...searchFieldsOf(doc) };
}

describe('what a list of events is filtered by', () => {
  it('has each category, city, organiser and tag once, as most events write it, the most frequent first', () => {
    const docs = [
      listed({ category: 'musik', city: 'Bonn', organiser: 'AG Kultur', tags: ['Jazz'] }),
      listed({ category: 'Musik', city: 'Köln', organiser: 'ag kultur', tags: ['jazz', 'Blues'] }),
      listed({ category: 'Musik', city: 'koln', tags: ['Jazz'] }),
      listed({ category: 'Film', city: 'KÖLN' }),
      listed({}),
    ];
    expect(countFilters(docs, NOW)).toMatchObject({
      categories: [
        { value: 'Musik', count: 3 },
        { value: 'Film', count: 1 },
      ],
      cities: [
        { value: 'Köln', count: 3 },
        { value: 'Bonn', count: 1 },
      ],
      organisers: [{ value: 'AG Kultur', count: 2 }],
      tags: [
        { value: 'Jazz', count: 3 },
        { value: 'Blues', count: 1 },
      ],
    });
  });

  it('counts the events of each date by the zone of most events, and leaves out dates without events', () => {
    // NOW is a Monday at 13:00 in Berlin.
    const exhibition = listed({ startsAt: minutes(-100), endsAt: minutes(60 * 24 * 60) });
    const docs = [
      listed({ startsAt: minutes(7 * 60) }),
      listed({ startsAt: minutes(5 * 24 * 60) }),
      exhibition,
      listed({ startsAt: minutes(6 * 60), timeZone: 'Asia/Tokyo' }),
    ];
    const { timeZone, dates } = countFilters(docs, NOW);
    expect(timeZone).toBe('Europe/Berlin');
    expect(dates.map(({ date, count }) => `${date}: ${count}`)).toEqual([
      'tonight: 3',
      'weekend: 2',
      '2026-11: 4',
      '2026-12: 1',
      '2027-01: 1',
    ]);
  });

  it('counts what is free of charge, and what has seats left whose sale is not over', () => {
    const price = { amount: 100, currency: 'EUR' };
    const docs = [
      listed({ price }),
      listed({ availableSeats: 0 }),
      listed({ salesCloseAt: minutes(-1) }),
      listed({ salesOpenAt: minutes(10) }),
    ];
    expect(countFilters(docs, NOW)).toMatchObject({ free: 3, available: 2 });
  });

  it('is empty without events', () => {
    const nothing = { categories: [], cities: [], organisers: [], tags: [], dates: [], free: 0, available: 0 };
    expect(countFilters([], NOW)).toEqual({ timeZone: 'UTC', ...nothing });
  });
});
