import { describe, expect, it } from 'vitest';
import type { BookingState } from '../state/booking-state.ts';
import { requestKey } from '../state/booking-state.ts';
import type { Decision, Join } from '../command.ts';
import { decide } from '../decide.ts';
import {
  EVENT_ID,
  NOW,
  book,
  booked,
  cancel,
  edit,
  held,
  idOf,
  minutes,
  pay,
  paying,
  stateOf,
  when,
} from '../decide.fixture.ts';
import { entryOf, errorOf } from '../../../../test/support/outcomes.ts';
import type { BatchState } from '../state/event-state.ts';
import { FIRST_TYPE } from '../state/event-state.ts';
import type { WaitlistEntryState } from './entry-state.ts';

let lastPlace = 0;

function waiting(user: string, seats: number, more: Partial<WaitlistEntryState> = {}): WaitlistEntryState {
  lastPlace += 1;
  return {
    id: idOf(`w-${user}`),
    version: 1,
    eventId: EVENT_ID,
    userId: idOf(user),
    seats,
    tickets: [{ type: FIRST_TYPE, count: seats }],
    place: lastPlace,
    status: 'waiting',
    bookingId: null,
    offerExpiresAt: null,
    requests: [{ requestId: `join-${user}`, seats }],
    createdAt: minutes(-30),
    updatedAt: minutes(-30),
    ...more,
  };
}

/** A sold-out event with a waiting list whose waiting entries are all loaded as candidates. */
function fullWith(
  entries: WaitlistEntryState[],
  sold: BookingState[] = [booked('anna', 10)],
  more: Parameters<typeof stateOf>[0] = {},
): BatchState {
  const state = stateOf(more, sold);
  const candidates = entries.filter(({ status }) => status === 'waiting');
  return {
    ...state,
    event: { ...state.event, waitingCount: candidates.length },
    waitlist: {
      named: new Map(entries.map((entry) => [entry.id, entry])),
      requests: new Map(entries.flatMap((e) => e.requests.map((r) => [requestKey(e.userId, r.requestId), e] as const))),
      candidates,
      hasMore: false,
      isServed: false,
      offerIds: Array.from({ length: 20 }, (_, i) => ({ bookingId: idOf(`o-${i}`), code: `OFFER${i}` })),
    },
  };
}

function join(user: string, seats: number, requestId = `join-${user}`): Join {
  return { type: 'join', userId: idOf(user), requestId, seats, entryId: idOf(`w-${user}`) };
}

function offered(decision: Decision): string[] {
  return decision.newBookings.filter(({ source }) => source === 'waitlist').map(({ userId }) => userId);
}

describe('joining the waiting list', () => {
  it('adds an entry at the end of a sold-out event’s list and counts it', () => {
    const { outcomes, newWaitlistEntries, event } = when(
      fullWith([waiting('bob', 2)]),
      join('carol', 3),
      join('dave', 1),
    );
    expect(entryOf(outcomes[0])).toMatchObject({ status: 'waiting', seats: 3, version: 1 });
    expect(newWaitlistEntries.map(({ place }) => place)).toEqual(
      [...newWaitlistEntries.map(({ place }) => place)].sort((a, b) => a - b),
    );
    expect(event).toMatchObject({ waitingCount: 3, version: 8 });
  });

  it('is refused while the requested seats can be booked', () => {
    const { outcomes } = when(stateOf({}, [booked('anna', 8)]), join('bob', 2), join('carol', 3));
    expect(errorOf(outcomes[0])).toMatchObject({ code: 'INVALID_STATE', details: { availableSeats: 2 } });
    expect(outcomes[1]?.ok).toBe(true);
  });

  it('again changes the party size: a smaller one keeps the position, a larger one goes to the end', () => {
    const [bob, carol] = [waiting('bob', 2), waiting('carol', 2)];
    const { outcomes, changedWaitlistEntries, event } = when(
      fullWith([bob, carol]),
      join('bob', 1, 'again'),
      join('carol', 4, 'again'),
    );
    expect(entryOf(outcomes[0])).toMatchObject({ id: bob.id, seats: 1, place: bob.place, version: 2 });
    expect(entryOf(outcomes[1])?.place).toBeGreaterThan(carol.place);
    expect(changedWaitlistEntries).toMatchObject([{ fromVersion: 1 }, { fromVersion: 1 }]);
    expect(event.waitingCount).toBe(2);
  });

  it('with the same request id returns the same entry, and is refused with another party size', () => {
    const bob = waiting('bob', 2);
    const { outcomes, changedWaitlistEntries, newWaitlistEntries } = when(
      fullWith([bob]),
      join('bob', 2),
      join('bob', 3),
    );
    expect(entryOf(outcomes[0])).toEqual(bob);
    expect(errorOf(outcomes[1])?.code).toBe('REQUEST_ID_REUSED');
    expect([...changedWaitlistEntries, ...newWaitlistEntries]).toEqual([]);
  });

  it('stores its request id, and the last twenty of later ones', () => {
    const added = when(fullWith([]), join('bob', 2)).newWaitlistEntries[0];
    expect(added?.requests).toEqual([{ requestId: 'join-bob', seats: 2 }]);
    const requests = Array.from({ length: 20 }, (_, i) => ({ requestId: `r${i}`, seats: 2 }));
    const { changedWaitlistEntries } = when(fullWith([waiting('bob', 2, { requests })]), join('bob', 1, 'newest'));
    const kept = changedWaitlistEntries[0]?.entry.requests;
    expect(kept).toEqual([...requests.slice(1), { requestId: 'newest', seats: 1 }]);
  });

  it('is refused to a user with an offer, over a limit, and when nothing is on sale', () => {
    const offer = held('bob', 2, minutes(60));
    const bob = waiting('bob', 2, { status: 'offered', bookingId: offer.id });
    const state = fullWith([bob], [booked('anna', 8), offer], { maxSeatsPerUser: 3, maxSeatsPerBooking: 4 });
    const { outcomes } = when(state, join('bob', 1, 'again'), join('carol', 5), join('anna', 1));
    expect(errorOf(outcomes[0])).toMatchObject({ code: 'INVALID_STATE', details: { bookingId: offer.id } });
    expect(outcomes.slice(1).map((outcome) => errorOf(outcome)?.code)).toEqual(['LIMIT_EXCEEDED', 'LIMIT_EXCEEDED']);
    const closed = when(fullWith([], undefined, { salesCloseAt: NOW }), join('carol', 1));
    expect(errorOf(closed.outcomes[0])?.code).toBe('SALES_CLOSED');
  });
});

describe('[I7] free seats', () => {
  it('are offered in the batch that frees them, before any user can book them', () => {
    const anna = booked('anna', 10);
    const { outcomes, newBookings, event, changedWaitlistEntries, ledgerEntries } = when(
      fullWith([waiting('bob', 2)], [anna]),
      cancel(anna, { seats: 2 }),
    );
    expect(outcomes[0]?.ok).toBe(true);
    expect(newBookings).toMatchObject([
      {
        userId: idOf('bob'),
        seats: 2,
        status: 'held',
        source: 'waitlist',
        requestId: null,
        holdExpiresAt: minutes(120),
      },
    ]);
    expect(changedWaitlistEntries).toMatchObject([
      { entry: { status: 'offered', offerExpiresAt: minutes(120), version: 2 } },
    ]);
    expect(event).toMatchObject({ waitingCount: 0, counters: { availableSeats: 0, heldSeats: 2, soldSeats: 8 } });
    expect(ledgerEntries.map(({ kind }) => kind)).toEqual(['cancelled', 'offered']);
  });

  it('that were free before the batch are offered to the waiting list first', () => {
    const { outcomes, newBookings } = when(fullWith([waiting('bob', 2)], [booked('anna', 8)]), book('carol', 1));
    expect(newBookings).toMatchObject([{ userId: idOf('bob') }]);
    expect(errorOf(outcomes[0])?.code).toBe('SOLD_OUT');
  });

  it('are offered first come, first fitting; seats that fit no entry go on sale', () => {
    const entries = [waiting('bob', 4), waiting('carol', 2), waiting('dave', 2)];
    const decision = when(fullWith(entries, [booked('anna', 7)]), book('eve', 1));
    expect(offered(decision)).toEqual([idOf('carol')]);
    expect(decision.outcomes[0]?.ok).toBe(true);
    expect(decision.event.counters.availableSeats).toBe(0);
  });

  it('are not offered to a user with a live hold or at a limit, whose entry keeps its position', () => {
    const hold = held('bob', 1, minutes(5));
    const [bob, carol, dave] = [waiting('bob', 1), waiting('carol', 2), waiting('dave', 2)];
    const state = fullWith([bob, carol, dave], [booked('anna', 4), hold, booked('carol', 2)], { maxSeatsPerUser: 3 });
    const decision = when(state);
    expect(offered(decision)).toEqual([idOf('dave')]);
    expect(decision.changedWaitlistEntries.map(({ entry }) => entry.id)).toEqual([dave.id]);
  });

  it('are not offered to an entry that is over the current limit per booking', () => {
    const state = fullWith([waiting('bob', 4), waiting('carol', 2)], [booked('anna', 6)], { maxSeatsPerBooking: 3 });
    expect(offered(when(state))).toEqual([idOf('carol')]);
  });

  it('are offered by the next batch if this one sets a limit of seats per user', () => {
    const decision = when(fullWith([waiting('bob', 2)]), edit({ totalSeats: 12, maxSeatsPerUser: 2 }));
    expect(decision).toMatchObject({ offerAfter: 0, newBookings: [], event: { counters: { availableSeats: 2 } } });
  });

  it('are offered whichever change freed them: release, smaller party size, expiry, more capacity', () => {
    const over = held('anna', 2, NOW);
    const running = held('anna', 4, minutes(5));
    const full = (sold: BookingState[]) =>
      fullWith([waiting('bob', 2)], [...sold, booked('zoe', 10 - (sold[0]?.seats ?? 0))]);
    const byExpiry = when(full([over]), { type: 'expire', bookingId: over.id });
    const byRelease = when(full([running]), cancel(running));
    const bySmaller = when(full([running]), {
      type: 'changeHold',
      bookingId: running.id,
      actor: running.userId,
      seats: 2,
    });
    const byCapacity = when(full([]), edit({ totalSeats: 12 }));
    for (const decision of [byExpiry, byRelease, bySmaller, byCapacity])
      expect(offered(decision)).toEqual([idOf('bob')]);
  });

  it('are not offered before sales open, after they close, or for a cancelled event', () => {
    for (const more of [{ salesOpenAt: minutes(1) }, { salesCloseAt: NOW }, { status: 'cancelled' as const }]) {
      expect(offered(when(fullWith([waiting('bob', 1)], [booked('anna', 5)], more)))).toEqual([]);
    }
  });

  it('are offered until sales close at the latest', () => {
    const decision = when(fullWith([waiting('bob', 1)], [booked('anna', 5)], { salesCloseAt: minutes(20) }));
    expect(decision.newBookings[0]).toMatchObject({ holdExpiresAt: minutes(20) });
  });

  it('are offered to entries behind the last candidate before any sale, if the list is longer than a batch', () => {
    const entries = [waiting('bob', 1), waiting('carol', 1)];
    const state = fullWith(entries, [booked('anna', 5)]);
    const long = { ...state, waitlist: { ...state.waitlist, hasMore: true } };
    const decision = when(long, book('eve', 1));
    expect(decision).toMatchObject({ offerAfter: entries[1]?.place, outcomes: [] });
    expect(offered(decision)).toHaveLength(2);
  });
});

describe('[I7] a batch', () => {
  it('offers seats that a command frees before the next command can book them', () => {
    const anna = booked('anna', 10);
    const decision = when(fullWith([waiting('bob', 2)], [anna]), cancel(anna, { seats: 2 }), book('eve', 2));
    expect(offered(decision)).toEqual([idOf('bob')]);
    expect(errorOf(decision.outcomes[1])?.code).toBe('SOLD_OUT');
  });

  it('serves an entry that was added in it before a later booking command', () => {
    const anna = booked('anna', 10);
    const decision = when(stateWithIds([anna]), join('bob', 2), cancel(anna, { seats: 2 }), book('eve', 1));
    expect(offered(decision)).toEqual([idOf('bob')]);
    expect(decision.newWaitlistEntries).toMatchObject([{ status: 'offered', version: 2 }]);
    expect(decision.event.waitingCount).toBe(0);
  });

  it('offers seats to a user whose own hold was released in it', () => {
    const hold = held('bob', 1, minutes(5));
    const decision = when(fullWith([waiting('bob', 2)], [booked('anna', 8), hold]), cancel(hold), book('eve', 1));
    expect(offered(decision)).toEqual([idOf('bob')]);
  });

  it('stops before a sale if the list continues behind the candidates, and sells once the list is served', () => {
    const anna = booked('anna', 10);
    const state = fullWith([waiting('bob', 4), waiting('carol', 4)], [anna]);
    const long = { ...state, waitlist: { ...state.waitlist, hasMore: true } };
    const decision = when(long, cancel(anna, { seats: 1 }), book('eve', 1), book('fred', 1));
    expect(decision.outcomes).toHaveLength(1);
    expect(decision.offerAfter).toBe(state.waitlist.candidates[1]?.place);
    const sold = stateOf({}, [booked('anna', 9)]);
    const rest = decide(
      { ...sold, waitlist: { ...long.waitlist, isServed: true } },
      [book('eve', 1), book('fred', 1)],
      NOW,
    );
    expect(rest.outcomes.map((outcome) => outcome.ok)).toEqual([true, false]);
  });

  function stateWithIds(sold: BookingState[]): BatchState {
    return fullWith([], sold);
  }
});

describe('an offer', () => {
  function offerTo(user: string, more: Parameters<typeof stateOf>[0] = {}, offerEnds = minutes(60)) {
    const offer = { ...held(user, 2, offerEnds), source: 'waitlist' as const, requestId: null };
    const entry = waiting(user, 2, { status: 'offered', bookingId: offer.id, offerExpiresAt: offerEnds });
    return { offer, entry, next: waiting('next', 2), more };
  }

  function scene({ offer, entry, next, more }: ReturnType<typeof offerTo>): BatchState {
    return fullWith([entry, next], [booked('anna', 8), offer], more);
  }

  it('of a free event is confirmed by the buyer', () => {
    const it = offerTo('bob');
    const free = { ...it, offer: { ...it.offer, tickets: booked('bob', 2).tickets } };
    const { outcomes, changedWaitlistEntries, event } = when(scene(free), {
      type: 'confirm',
      bookingId: it.offer.id,
      actor: idOf('bob'),
    });
    expect(outcomes[0]).toMatchObject({ ok: true, booking: { status: 'confirmed', source: 'waitlist' } });
    expect(changedWaitlistEntries).toMatchObject([{ entry: { status: 'fulfilled', bookingId: it.offer.id } }]);
    expect(event.counters).toMatchObject({ soldSeats: 10, heldSeats: 0 });
  });

  it('with a price is confirmed by its payment only', () => {
    const it = offerTo('bob');
    const word = when(scene(it), { type: 'confirm', bookingId: it.offer.id, actor: idOf('bob') });
    expect(errorOf(word.outcomes[0])).toMatchObject({ code: 'INVALID_STATE', details: { owes: { amount: 4000 } } });
    const paid = when(paying(scene(it), it.offer), pay(it.offer));
    expect(paid.changedWaitlistEntries).toMatchObject([{ entry: { status: 'fulfilled' } }]);
  });

  it('that is declined goes to the next entry at once, and its own entry has left', () => {
    const it = offerTo('bob');
    const decision = when(scene(it), { type: 'leave', userId: idOf('bob') });
    expect(entryOf(decision.outcomes[0])).toMatchObject({ status: 'left', bookingId: it.offer.id });
    expect(offered(decision)).toEqual([idOf('next')]);
  });

  it('that expires goes to the next entry at once, and its own entry has missed it', () => {
    const it = offerTo('bob', {}, NOW);
    const decision = when(scene(it), { type: 'expire', bookingId: it.offer.id });
    expect(decision.changedWaitlistEntries).toMatchObject([
      { entry: { status: 'missed' } },
      { entry: { status: 'offered' } },
    ]);
    expect(offered(decision)).toEqual([idOf('next')]);
  });

  it('that ends with sales is closed, and no other offer follows', () => {
    const it = offerTo('bob', { salesCloseAt: NOW }, NOW);
    const decision = when(scene(it), { type: 'expire', bookingId: it.offer.id });
    expect(decision.changedWaitlistEntries).toMatchObject([{ entry: { status: 'closed' } }]);
    expect(offered(decision)).toEqual([]);
  });
});

describe('the waiting list', () => {
  it('no longer has the entry of a user who left; leaving again changes nothing', () => {
    const { outcomes, event } = when(
      fullWith([waiting('bob', 2)]),
      { type: 'leave', userId: idOf('bob') },
      { type: 'leave', userId: idOf('bob') },
      { type: 'leave', userId: idOf('carol') },
    );
    expect(entryOf(outcomes[0]).status).toBe('left');
    expect(entryOf(outcomes[1])).toEqual(entryOf(outcomes[0]));
    expect(errorOf(outcomes[2])?.code).toBe('NOT_FOUND');
    expect(event.waitingCount).toBe(0);
  });

  it('lets a user who left join again at its end', () => {
    const state = fullWith([waiting('bob', 2), waiting('carol', 2)]);
    const again = { ...join('bob', 2, 'again'), entryId: idOf('w2-bob') };
    const { newWaitlistEntries } = when(state, { type: 'leave', userId: idOf('bob') }, again);
    expect(newWaitlistEntries).toMatchObject([{ status: 'waiting', seats: 2 }]);
    expect(newWaitlistEntries[0]?.place).toBeGreaterThan(state.waitlist.candidates[1]?.place ?? Infinity);
  });

  it('closes the entries of a cancelled event before its sales close', () => {
    const bob = waiting('bob', 2);
    const { changedWaitlistEntries, jobs } = when(fullWith([bob], undefined, { status: 'cancelled' }), {
      type: 'closeWaitlist',
    });
    expect(changedWaitlistEntries).toMatchObject([{ entry: { id: bob.id, status: 'closed' } }]);
    const payload = { eventId: EVENT_ID, entryIds: [bob.id] };
    expect(jobs, 'the job that notifies him').toEqual([
      { key: `tell-waitlist:${bob.id}`, kind: 'tell-waitlist', payload },
    ]);
  });

  it('offers the seats of an offer that an organiser releases to the next entry, and closes its entry', () => {
    const offer = booked('bob', 2, { ...held('bob', 2, minutes(60)), source: 'waitlist' });
    const bob = waiting('bob', 2, { status: 'offered', bookingId: offer.id });
    const state = fullWith([bob, waiting('carol', 2)], [booked('anna', 8), offer]);
    const decision = when(state, cancel(offer, { by: 'organiser', actor: idOf('admin'), reason: 'No' }));
    expect(decision.changedWaitlistEntries.map(({ entry }) => [entry.userId, entry.status])).toEqual([
      [idOf('bob'), 'closed'],
      [idOf('carol'), 'offered'],
    ]);
  });

  it('closes entries only after sales have closed', () => {
    const early = when(fullWith([waiting('bob', 2)]), { type: 'closeWaitlist' });
    expect([early.changedWaitlistEntries, early.jobs]).toEqual([[], []]);
    const late = when(fullWith([waiting('bob', 2), waiting('carol', 1)], undefined, { salesCloseAt: NOW }), {
      type: 'closeWaitlist',
    });
    expect(late.changedWaitlistEntries.map(({ entry }) => entry.status)).toEqual(['closed', 'closed']);
    expect(late.event.waitingCount).toBe(0);
  });
});

describe('holds', () => {
  it('change their party size with the same end, and stay as they were if seats are missing', () => {
    const hold = held('anna', 2, minutes(5));
    const resize = (seats: number) => ({ type: 'changeHold', bookingId: hold.id, actor: hold.userId, seats }) as const;
    const state = stateOf({ price: { amount: 2_000, currency: 'EUR' } }, [hold, booked('bob', 6)]);
    const { outcomes, event } = when(state, resize(4), resize(5), resize(1));
    expect(outcomes[0]).toMatchObject({ booking: { seats: 4, holdExpiresAt: minutes(5), version: 2 } });
    expect(errorOf(outcomes[1])).toMatchObject({ code: 'SOLD_OUT', details: { availableSeats: 0 } });
    expect(outcomes[2]).toMatchObject({ booking: { seats: 1, version: 3 } });
    expect(event.counters).toMatchObject({ availableSeats: 3, heldSeats: 1 });
  });

  it('can shrink but not grow after sales have closed', () => {
    const hold = held('anna', 2, minutes(5));
    const resize = (seats: number) => ({ type: 'changeHold', bookingId: hold.id, actor: hold.userId, seats }) as const;
    const { outcomes } = when(stateOf({ salesCloseAt: NOW }, [hold]), resize(3), resize(1));
    expect(errorOf(outcomes[0])).toMatchObject({ code: 'SALES_CLOSED', details: { reason: 'closed' } });
    expect(outcomes[1]).toMatchObject({ booking: { seats: 1 } });
  });

  it('are not changed after their end', () => {
    const hold = held('anna', 2, NOW);
    const { outcomes } = when(stateOf({}, [hold]), {
      type: 'changeHold',
      bookingId: hold.id,
      actor: hold.userId,
      seats: 1,
    });
    expect(errorOf(outcomes[0])?.code).toBe('INVALID_STATE');
  });

  it('are revived by a late payment only while their seats are free', () => {
    const ended = { by: 'time' as const, reason: null, at: minutes(-1) };
    const price = { amount: 2_000, currency: 'EUR' };
    const late = booked('anna', 3, { status: 'expired', holdExpiresAt: minutes(-1), ended, price });
    const settled = (...scene: Parameters<typeof stateOf>) => when(paying(stateOf(...scene), late), pay(late));
    const free = settled({}, [late, booked('bob', 7)]);
    expect(free.outcomes[0]).toMatchObject({ booking: { status: 'confirmed' } });
    expect(free.ledgerEntries).toMatchObject([{ kind: 'revived', available: -3, sold: 3 }]);
    const back = (cause: string) => [{ attempt: { status: 'paid', refunds: [{ cause, amount: 6_000 }] } }];
    expect(settled({}, [late, booked('bob', 8)]).changedAttempts).toMatchObject(back('late'));
    expect(settled({ status: 'cancelled' }, [late]).changedAttempts).toMatchObject(back('event'));
    expect(settled({ startsAt: NOW }, [late]).changedAttempts).toMatchObject(back('late'));
  });

  it('are revived by a late payment only within the limits, whatever the buyer has booked since then', () => {
    const ended = { by: 'time' as const, reason: null, at: minutes(-1) };
    const price = { amount: 2_000, currency: 'EUR' };
    const late = booked('anna', 3, { status: 'expired', holdExpiresAt: minutes(-1), ended, price });
    const anew = booked('anna', 2, { id: idOf('anew') });
    const settled = (more: Parameters<typeof stateOf>[0]) =>
      when(paying(stateOf(more, [late, anew]), late), pay(late)).outcomes[0];
    const [revived, refunded] = [{ booking: { status: 'confirmed' } }, { booking: { status: 'expired' } }];
    expect(settled({ maxSeatsPerUser: 5, maxSeatsPerBooking: 3 })).toMatchObject(revived);
    expect(settled({ maxSeatsPerUser: 4, maxSeatsPerBooking: 3 })).toMatchObject(refunded);
    expect(settled({ maxSeatsPerUser: 5, maxSeatsPerBooking: 2 })).toMatchObject(refunded);
  });
});

describe('cancelling an event', () => {
  it('ends sales with a reason; again changes nothing', () => {
    const cancelEvent = { type: 'cancelEvent', actor: idOf('admin'), reason: 'Storm' } as const;
    const { event, edited, outcomes } = when(
      stateOf({}, [booked('anna', 2)]),
      cancelEvent,
      cancelEvent,
      book('bob', 1),
    );
    expect(event).toMatchObject({ cancelReason: 'Storm', revision: 4, settings: { status: 'cancelled' } });
    expect(edited).toBe(true);
    expect(errorOf(outcomes[2])).toMatchObject({ code: 'SALES_CLOSED', details: { reason: 'cancelled' } });
  });
});
