import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { book, booked, cancel, EVENT_ID, held, idOf, minutes, NOW, stateOf } from './decide.fixture.ts';
import type { BatchState } from './state/event-state.ts';
import { notificationJobs } from './notify.ts';

const edit = (changes: object) => ({ type: 'edit', actor: idOf('admin'), revision: 3, changes }) as const;
const kindsOf = (state: BatchState, commands: Parameters<typeof decide>[1]) =>
  decide(state, commands, NOW).jobs.map(({ kind }) => kind);

describe('what a batch tells people', () => {
  it('is one order, however many bookings it holds, keyed by its number in the ledger', () => {
    const { jobs, event } = decide(stateOf(), [book('alice', 1), book('bob', 1), book('carol', 1)], NOW);
    expect(event.version).toBe(8);
    const payload = { eventId: EVENT_ID, seq: 8 };
    expect(jobs).toEqual([{ key: `tell-bookings:${EVENT_ID}:8`, kind: 'tell-bookings', payload }]);
  });

  it('is nothing while nothing is decided for good: a hold, a refusal', () => {
    const price = { amount: 2_000, currency: 'EUR' };
    expect(kindsOf(stateOf({ price }), [book('alice', 1)])).toEqual([]);
    expect(kindsOf(stateOf(), [book('alice', 11)])).toEqual([]);
  });

  it('is a cancellation, by whomever, of some of the seats too', () => {
    const booking = booked('alice', 3);
    expect(kindsOf(stateOf({}, [booking]), [cancel(booking)])).toEqual(['tell-bookings']);
    expect(kindsOf(stateOf({}, [booking]), [cancel(booking, { seats: 1 })])).toEqual(['tell-bookings']);
  });

  it('is a hold that the organiser takes away, and none that its owner lets go', () => {
    const holding = held('alice', 2, minutes(5));
    expect(kindsOf(stateOf({}, [holding]), [cancel(holding)])).toEqual([]);
    expect(kindsOf(stateOf({}, [holding]), [cancel(holding, { by: 'organiser' })])).toEqual(['tell-bookings']);
  });

  it('keeps offers apart, and tells of an offer that was missed, but of no other hold', () => {
    const offer = { ...held('alice', 2, minutes(5)), source: 'waitlist' as const };
    const none = { available: 0, held: 0, sold: 0, actor: 'system', reason: null };
    const kinds = (kind: 'offered' | 'expired', booking: typeof offer | ReturnType<typeof held>) =>
      notificationJobs(EVENT_ID, 1, [{ kind, booking, ...none }]).map((order) => order.kind);
    expect(kinds('offered', offer)).toEqual(['tell-offers']);
    expect(kinds('expired', offer)).toEqual(['tell-bookings']);
    expect(kinds('expired', held('alice', 2, minutes(5)))).toEqual([]);
  });
});

describe('an event that was moved', () => {
  const later = new Date('2026-12-02T19:00:00.000Z');

  it('is told with what was and what is, once for each edit', () => {
    const decision = decide({ ...stateOf(), everBooked: true }, [edit({ startsAt: later, venue: 'Stadthalle' })], NOW);
    const place = { endsAt: null, timeZone: 'Europe/Berlin' };
    const before = { ...place, startsAt: new Date('2026-12-01T19:00:00.000Z'), venue: 'Alte Schlosserei' };
    const now = { ...place, startsAt: later, venue: 'Stadthalle' };
    const payload = { eventId: EVENT_ID, revision: 4, at: NOW, before, now };
    expect(decision.jobs).toEqual([{ key: `tell-moved:${EVENT_ID}:4`, kind: 'tell-moved', payload }]);
  });

  it('is told to nobody where nobody has booked, nor is an edit of its text', () => {
    expect(kindsOf(stateOf(), [edit({ startsAt: later })])).toEqual([]);
    expect(kindsOf({ ...stateOf(), everBooked: true }, [edit({ title: 'Blues' })])).toEqual([]);
  });
});
