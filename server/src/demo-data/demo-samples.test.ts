import { describe, expect, it } from 'vitest';
import { eventInput } from '#shared/event.ts';
import { datesOf, SAMPLES } from './demo-samples.ts';

const STARTS = ['2026-11-23T08:00:00.000Z', '2027-03-26T23:30:00.000Z', '2027-10-30T00:10:00.000Z'];

function shownAt(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, timeStyle: 'short' }).format(new Date(instant));
}

/** The prices of a sample's ticket types. */
function pricesOf({ event }: (typeof SAMPLES)[number]) {
  return 'price' in event ? [event.price] : event.ticketTypes.map(({ price }) => price);
}

describe('the sample events', () => {
  it('are 8 to 14 valid inputs with distinct request ids, titles and venues', () => {
    expect(SAMPLES.length).toBeGreaterThanOrEqual(8);
    expect(SAMPLES.length).toBeLessThanOrEqual(14);
    for (const key of ['title', 'venue'] as const) {
      expect(new Set(SAMPLES.map((sample) => sample.event[key])).size).toBe(SAMPLES.length);
    }
    expect(new Set(SAMPLES.map((sample) => sample.requestId)).size).toBe(SAMPLES.length);
    for (const sample of SAMPLES) eventInput.parse({ ...sample.event, ...datesOf(sample, new Date(STARTS[0]!)) });
  });

  it('include every kind of event', () => {
    const kinds = SAMPLES.map((sample) => {
      const { event, sold = 0, waitlistPartySizes = [], opensInMinutes, cancelled, inDays } = sample;
      const types = 'ticketTypes' in event ? event.ticketTypes : [];
      const prices = pricesOf(sample).map(({ amount }) => amount);
      return {
        free: prices.every((amount) => amount === 0),
        priced: prices.every((amount) => amount > 0),
        ofSeveralPrices: new Set(prices).size > 2,
        withFamilyTicket: types.some(({ seats = 1 }) => seats > 1),
        withExtra: types.some(({ seats }) => seats === 0),
        withEarlyBird: types.some(({ limit = 0, seats = 1 }) => seats === 1 && limit && limit < event.totalSeats / 5),
        soldOutWithWaitlist: sold === event.totalSeats && waitlistPartySizes.length > 0,
        nearlyFull: sold < event.totalSeats && sold > event.totalSeats * 0.9,
        openingSoon: opensInMinutes === 3,
        cancelled: cancelled !== undefined,
        runningNow: inDays < 0,
        draft: event.status === 'draft',
      };
    });
    for (const kind of Object.keys(kinds[0]!) as (keyof (typeof kinds)[0])[]) {
      expect([kind, kinds.some((sample) => sample[kind])]).toEqual([kind, true]);
    }
    expect(new Set(SAMPLES.map(({ event }) => event.timeZone)).size).toBeGreaterThan(4);
    expect(new Set(SAMPLES.flatMap(pricesOf).map(({ currency }) => currency)).size).toBeGreaterThan(4);
  });

  it('sell seats of free events only, because a booking with a price waits for its payment', () => {
    for (const sample of SAMPLES)
      if (sample.sold) expect(pricesOf(sample).every(({ amount }) => amount === 0)).toBe(true);
  });

  it.each(STARTS)(
    'begin and end at their hours on the venue’s clock after a start at %s, also across summer time',
    (at) => {
      for (const sample of SAMPLES) {
        const dates = datesOf(sample, new Date(at));
        const { timeZone } = sample.event;
        expect([shownAt(dates.startsAt, timeZone), shownAt(dates.endsAt, timeZone)]).toEqual([sample.from, sample.to]);
        expect(Date.parse(dates.endsAt)).toBeGreaterThan(Date.parse(dates.startsAt));
        expect(Date.parse(dates.endsAt)).toBeGreaterThan(Date.parse(at));
      }
    },
  );
});
