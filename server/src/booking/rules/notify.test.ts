import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { book, booked, cancel, EVENT_ID, held, idOf, minutes, NOW, stateOf } from './decide.fixture.ts';
import type { BatchState } from './state/event-state.ts';
import { isAddedAfterCommit, notificationJobs } from './notify.ts';

const edit = (changes: object) => ({ type: 'edit', actor: idOf('admin'), revision: 3, changes }) as const;
/** Without the jobs of tickets in wallets (`tickets/pass-jobs.ts`). */
const notifying = ({ jobs }: Pick<ReturnType<typeof decide>, 'jobs'>) =>
  jobs.filter(({ kind }) => kind !== 'update-passes');
const kindsOf = (state: BatchState, commands: Parameters<typeof decide>[1]) =>
  notifying(decide(state, commands, NOW)).map(({ kind }) => kind);

describe('the notification jobs of a batch', () => {
  it('are one job for all bookings, keyed by the ledger number', () => {
    const { jobs, event } = decide(stateOf(), [book('alice', 1), book('bob', 1), book('carol', 1)], NOW);
    expect(event.version).toBe(8);
    const payload = { eventId: EVENT_ID, seq: 8, endedApart: true };
    expect(jobs).toEqual([{ key: `tell-bookings:${EVENT_ID}:8`, kind: 'tell-bookings', payload }]);
  });

  it('are none for a hold and for a refusal', () => {
    const price = { amount: 2_000, currency: 'EUR' };
    expect(kindsOf(stateOf({ price }), [book('alice', 1)])).toEqual([]);
    expect(kindsOf(stateOf(), [book('alice', 11)])).toEqual([]);
  });

  it('are one for a cancellation, of some of the seats too', () => {
    const booking = booked('alice', 3);
    expect(kindsOf(stateOf({}, [booking]), [cancel(booking)])).toEqual(['tell-bookings']);
    expect(kindsOf(stateOf({}, [booking]), [cancel(booking, { seats: 1 })])).toEqual(['tell-bookings']);
  });

  it('are one for a hold that the organiser or the event ends, and none for one that its buyer releases', () => {
    const hold = held('alice', 2, minutes(5));
    expect(kindsOf(stateOf({}, [hold]), [cancel(hold)])).toEqual([]);
    expect(kindsOf(stateOf({}, [hold]), [cancel(hold, { by: 'organiser' })])).toEqual(['tell-ended']);
    expect(kindsOf(stateOf({}, [hold]), [cancel(hold, { by: 'event' })])).toEqual(['tell-ended']);
  });

  it('are separate for what the organiser or the event ended, so that it does not wait behind confirmations', () => {
    const [one, other] = [booked('alice', 3), booked('bob', 2)];
    const state = stateOf({}, [one, other]);
    expect(kindsOf(state, [cancel(one, { by: 'organiser' }), cancel(other, { by: 'event' })])).toEqual(['tell-ended']);
    expect(kindsOf(state, [cancel(one, { by: 'organiser' }), cancel(other)])).toEqual(['tell-ended', 'tell-bookings']);
  });

  it('are separate for offers, and include a missed offer but no other expired hold', () => {
    const offer = { ...held('alice', 2, minutes(5)), source: 'waitlist' as const };
    const none = { available: 0, held: 0, sold: 0, actor: 'system', reason: null };
    const kinds = (kind: 'offered' | 'expired', booking: typeof offer | ReturnType<typeof held>) =>
      notificationJobs(EVENT_ID, 1, [{ kind, booking, ...none }]).map((job) => job.kind);
    expect(kinds('offered', offer)).toEqual(['tell-offers']);
    expect(kinds('expired', offer)).toEqual(['tell-bookings']);
    expect(kinds('expired', held('alice', 2, minutes(5)))).toEqual([]);
  });
});

describe('a job that is added after the commit', () => {
  it('notifies of confirmations and of the buyer’s own changes; an organiser’s change has its job in the transaction', () => {
    const [one, other] = [booked('alice', 3), booked('bob', 2)];
    const { jobs } = decide(stateOf({}, [one, other]), [cancel(one, { by: 'organiser' }), cancel(other)], NOW);
    expect(jobs.map((job) => [job.kind, isAddedAfterCommit(job)])).toEqual([
      ['tell-ended', false],
      ['tell-bookings', true],
    ]);
  });
});

describe('the notification job of an edit', () => {
  const later = new Date('2026-12-02T19:00:00.000Z');

  it('has time and venue before and after, one job per edit', () => {
    const decision = decide({ ...stateOf(), everBooked: true }, [edit({ startsAt: later, venue: 'Stadthalle' })], NOW);
    const place = { endsAt: null, timeZone: 'Europe/Berlin' };
    const before = { ...place, startsAt: new Date('2026-12-01T19:00:00.000Z'), venue: 'Alte Schlosserei' };
    const now = { ...place, startsAt: later, venue: 'Stadthalle' };
    const payload = { eventId: EVENT_ID, revision: 4, at: NOW, before, now };
    expect(notifying(decision)).toEqual([{ key: `tell-moved:${EVENT_ID}:4`, kind: 'tell-moved', payload }]);
  });

  it('is absent if there are no bookings, and for an edit of text', () => {
    expect(kindsOf(stateOf(), [edit({ startsAt: later })])).toEqual([]);
    expect(kindsOf({ ...stateOf(), everBooked: true }, [edit({ title: 'Blues' })])).toEqual([]);
  });
});
