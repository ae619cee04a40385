import { describe, expect, it } from 'vitest';
import type { EventSettings } from '#shared/event.ts';
import type { Command } from '../command.ts';
import { decide } from '../decide.ts';
import { attemptOf, booked, held, idOf, minutes, NOW, openCheckout, pay, paying, stateOf } from '../decide.fixture.ts';
import type { BookingState } from '../state/booking-state.ts';
import type { BatchState } from '../state/event-state.ts';
import type { Attempt } from './attempt.ts';

const PRICE = { amount: 2_000, currency: 'EUR' };
const PRICED: Partial<EventSettings> = { price: PRICE };
const HOLD = held('alice', 2, minutes(8));
const PAYMENT = attemptOf(HOLD).id;

const ended = (status: 'cancelled' | 'expired', more: Partial<BookingState> = {}) =>
  booked('alice', 2, {
    tickets: HOLD.tickets,
    ended: { by: 'time', reason: null, at: minutes(-2) },
    holdExpiresAt: minutes(-2),
    ...more,
    status,
  } as Partial<BookingState>);

function stateWith(
  booking: BookingState,
  more: Partial<Attempt> = {},
  settings: Partial<EventSettings> = {},
): BatchState {
  return paying(stateOf({ ...PRICED, ...settings }, [booking]), booking, more);
}

function run(state: BatchState, ...commands: Command[]) {
  const { outcomes, changedAttempts, ledgerEntries, jobs, event } = decide(state, commands, NOW);
  return {
    outcome: outcomes.at(-1),
    attempt: changedAttempts[0]?.attempt,
    attempts: changedAttempts.map(({ attempt }) => attempt),
    fromVersions: changedAttempts.map(({ fromVersion }) => fromVersion),
    entries: ledgerEntries.map(({ kind, actor, reason }) => ({ kind, actor, reason })),
    jobs: jobs.map(({ key }) => key),
    counters: event.counters,
  };
}

describe('a payment', () => {
  it('before the end of the hold confirms it, and is stored with the charge and its time', () => {
    const { outcome, attempt, entries, counters } = run(stateWith(HOLD, { declined: true }), pay(HOLD));
    expect(outcome).toMatchObject({ ok: true, booking: { status: 'confirmed', payment: { status: 'succeeded' } } });
    const paid = { paid: { amount: 4_000, currency: 'EUR' }, charge: 'charge', paidAt: NOW, bought: true };
    expect(attempt).toMatchObject({ status: 'paid', declined: false, mismatch: false, refunds: [], ...paid });
    expect(entries).toEqual([{ kind: 'confirmed', actor: 'system', reason: null }]);
    expect(counters).toMatchObject({ heldSeats: 0, soldSeats: 2 });
  });

  it('after the end of the hold revives it while its seats are free', () => {
    const { outcome, attempt, entries } = run(stateWith(ended('expired'), { status: 'cancelling' }), pay(HOLD));
    expect(outcome).toMatchObject({ ok: true, booking: { status: 'confirmed' } });
    expect(attempt).toMatchObject({ bought: true, cancellingSince: null });
    expect(entries).toMatchObject([{ kind: 'revived', actor: 'system' }]);
  });

  it.each<[string, BookingState, Partial<EventSettings>, string]>([
    ['for a booking that is paid already', booked('alice', 2, { price: PRICE }), {}, 'double'],
    ['for an event that was cancelled', HOLD, { status: 'cancelled' }, 'event'],
    ['for a booking that was cancelled', ended('cancelled'), {}, 'cancelled'],
    ['of a hold whose party size has changed', held('alice', 3, minutes(8)), {}, 'late'],
    ['after the end of the hold, when the event has begun', ended('expired'), { startsAt: minutes(-1) }, 'late'],
  ])('%s is refunded, and the buyer is notified', (_, booking, settings, cause) => {
    const asked = { amount: { amount: 4_000, currency: 'EUR' }, id: PAYMENT };
    const { attempt, jobs } = run(stateWith(booking, asked, settings), pay(HOLD));
    expect(attempt).toMatchObject({ status: 'paid', bought: false });
    const refund = { amount: 4_000, cause, reason: null, actor: 'system', requestId: null, status: 'ordered' };
    expect(attempt?.refunds).toMatchObject([refund]);
    expect(jobs).toEqual([`refund:${PAYMENT}.1:1`, `tell-money:late:${PAYMENT}.1`]);
  });

  it('that is refunded is recorded in the ledger with its cause', () => {
    const { entries } = run(stateWith(ended('cancelled')), pay(HOLD));
    expect(entries).toEqual([{ kind: 'refunding', actor: 'system', reason: 'cancelled' }]);
  });

  it.each([
    { amount: 3_999, currency: 'EUR' },
    { amount: 4_000, currency: 'USD' },
  ])('of another amount than asked for buys nothing, and becomes a payment issue: %o', (amount) => {
    const { outcome, attempt, entries, jobs } = run(stateWith(HOLD), pay(HOLD, { amount }));
    expect(outcome).toMatchObject({ ok: true, booking: { status: 'held', payment: { status: 'pending' } } });
    expect(attempt).toMatchObject({ status: 'paid', mismatch: true, bought: false, paid: amount, refunds: [] });
    expect(entries).toEqual([{ kind: 'mismatch', actor: 'system', reason: null }]);
    expect(jobs).toEqual([]);
  });

  it('of another amount, after the end of its hold, frees the seats', () => {
    const over = held('alice', 2, minutes(-1));
    const { outcome } = run(stateWith(over), pay(over, { amount: { amount: 1, currency: 'EUR' } }));
    expect(outcome).toMatchObject({ ok: true, booking: { status: 'expired' } });
  });

  it('that is reported again changes nothing', () => {
    const { outcome, attempt } = run(stateWith(HOLD, { status: 'paid', bought: true }), pay(HOLD));
    expect(outcome).toMatchObject({ ok: true, repeated: true });
    expect(attempt).toBeUndefined();
  });

  it('ends the other checkout that could still be paid', () => {
    const twice = paying(stateWith(HOLD, { status: 'cancelling' }), HOLD, { id: idOf('second') });
    const { attempts, jobs } = run(twice, pay(HOLD));
    expect(attempts.map(({ id, status }) => [id, status])).toEqual([
      [PAYMENT, 'paid'],
      [idOf('second'), 'cancelling'],
    ]);
    expect(attempts[1]?.cancellingSince).toEqual(NOW);
    expect(jobs).toContain(`cancel-checkout:${idOf('second')}`);
  });

  it('is refused for a booking or an attempt that does not exist', () => {
    for (const wrong of [{ bookingId: idOf('none') }, { paymentId: idOf('none') }]) {
      expect(run(stateWith(HOLD), pay(HOLD, wrong)).outcome).toMatchObject({ error: { code: 'NOT_FOUND' } });
    }
  });
});

describe('a checkout', () => {
  it('is recorded with all terms that the provider receives, and ends 31 minutes after the hold', () => {
    const state = stateOf({ ...PRICED, title: 'Jazz', venue: 'Club', timeZone: 'UTC' }, [HOLD]);
    const { outcome, attempt, fromVersions, entries } = run(state, openCheckout(HOLD));
    const terms = { title: 'Jazz', venue: 'Club', timeZone: 'UTC', startsAt: state.event.settings.startsAt };
    const sent = { locale: 'en', email: 'a@example.org', returnUrl: 'https://example.org/paid' };
    const times = { heldUntil: minutes(8), expiresAt: minutes(39) };
    expect(attempt?.terms).toEqual({ ...terms, ...sent, ...times });
    const none = { declined: false, extended: false, bought: false, mismatch: false, refunds: [], paid: null };
    const fresh = { attempt: 1, version: 1, status: 'open', seats: 2, amount: { amount: 4_000, currency: 'EUR' } };
    expect(attempt).toMatchObject({ id: PAYMENT, userId: HOLD.userId, createdAt: NOW, ...fresh, ...none });
    expect(fromVersions).toEqual([0]);
    expect(outcome).toMatchObject({ ok: true, attempt: { id: PAYMENT }, booking: { payment: { status: 'pending' } } });
    expect(entries).toEqual([{ kind: 'paying', actor: HOLD.userId, reason: null }]);
  });

  it('is returned again while it is open', () => {
    const { outcome, attempt } = run(stateWith(HOLD), openCheckout(HOLD, idOf('new')));
    expect(outcome).toMatchObject({ ok: true, attempt: { id: PAYMENT } });
    expect(attempt).toBeUndefined();
  });

  it('is a new attempt, counted, after the last one ended', () => {
    const { attempt } = run(stateWith(HOLD, { status: 'ended' }), openCheckout(HOLD, idOf('new')));
    expect(attempt).toMatchObject({ id: idOf('new'), attempt: 2 });
  });

  it('is refused for a booking that does not exist, and for one that is not held', () => {
    const none = run(stateOf(), openCheckout(HOLD)).outcome;
    expect(none).toMatchObject({ error: { code: 'NOT_FOUND' } });
    const confirmed = booked('alice', 2, { price: PRICE });
    expect(run(stateWith(confirmed, { status: 'ended' }), openCheckout(confirmed)).outcome).toMatchObject({
      error: { code: 'INVALID_STATE', details: { status: 'confirmed' } },
    });
  });
});

describe('cancelling a checkout for another party size', () => {
  const command = { type: 'cancelCheckout', bookingId: HOLD.id, change: { seats: 3 } } as const;

  it('starts with a job for the provider, and keeps the hold', () => {
    const { outcome, attempt, jobs, entries } = run(stateWith(HOLD), command);
    expect(outcome).toMatchObject({
      ok: true,
      booking: { status: 'held', seats: 2 },
      attempt: { status: 'cancelling' },
    });
    expect(attempt).toMatchObject({ status: 'cancelling', cancellingSince: NOW });
    expect(jobs).toEqual([`cancel-checkout:${PAYMENT}`]);
    expect(entries).toEqual([]);
  });

  it('continues if it has already started', () => {
    const { outcome, attempt, jobs } = run(stateWith(HOLD, { status: 'cancelling' }), command);
    expect(outcome).toMatchObject({ ok: true, attempt: { id: PAYMENT, status: 'cancelling' } });
    expect([attempt, jobs]).toEqual([undefined, []]);
  });

  it.each<[string, BatchState, number]>([
    ['the party size stays', stateWith(HOLD), 2],
    ['no checkout can be paid', stateWith(HOLD, { status: 'ended' }), 3],
    ['the booking is no longer held', stateWith(ended('expired')), 3],
  ])('changes nothing if %s', (_, state, seats) => {
    const { outcome, attempt } = run(state, { ...command, change: { seats } });
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome).not.toHaveProperty('attempt');
    expect(attempt).toBeUndefined();
  });

  it('is refused if the party size could not change', () => {
    expect(run(stateWith(HOLD), { ...command, change: { seats: 11 } }).outcome).toMatchObject({
      error: { code: 'LIMIT_EXCEEDED' },
    });
    const none = run(stateWith(HOLD), { ...command, bookingId: idOf('none') }).outcome;
    expect(none).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });
});

describe('the end of a checkout that was not paid', () => {
  const command = { type: 'endCheckout', bookingId: HOLD.id, paymentId: PAYMENT } as const;

  it('keeps a hold before its end', () => {
    const { outcome, attempt, entries } = run(stateWith(HOLD, { status: 'cancelling', cancellingSince: NOW }), command);
    expect(attempt).toMatchObject({ status: 'ended', cancellingSince: null });
    expect(outcome).toMatchObject({ ok: true, booking: { status: 'held', payment: { status: 'failed' } } });
    expect(entries).toEqual([{ kind: 'unpaid', actor: 'system', reason: null }]);
  });

  it('frees the seats of a hold after its end', () => {
    const over = held('alice', 2, minutes(-1));
    const { outcome, entries, counters } = run(stateWith(over, { status: 'cancelling' }), command);
    expect(outcome).toMatchObject({ ok: true, booking: { status: 'expired', ended: { by: 'time', at: NOW } } });
    expect(entries).toEqual([{ kind: 'expired', actor: 'system', reason: null }]);
    expect(counters).toMatchObject({ availableSeats: 10, heldSeats: 0 });
  });

  it.each(['paid', 'ended'] as const)('changes nothing if the checkout is %s', (status) => {
    const { outcome, attempt } = run(stateWith(HOLD, { status }), command);
    expect(outcome).toMatchObject({ ok: true, repeated: true });
    expect(attempt).toBeUndefined();
  });

  it('is refused for a booking or an attempt that does not exist', () => {
    for (const wrong of [{ bookingId: idOf('none') }, { paymentId: idOf('none') }]) {
      expect(run(stateWith(HOLD), { ...command, ...wrong }).outcome).toMatchObject({ error: { code: 'NOT_FOUND' } });
    }
  });
});
