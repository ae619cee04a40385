import { describe, expect, it } from 'vitest';
import type { BookingState } from '../state/booking-state.ts';
import { requestKey } from '../state/booking-state.ts';
import type { Command, Decision, Join, Outcome } from '../command.ts';
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
} from '../decide.fixture.ts';
import type { BatchState } from '../state/event-state.ts';
import type { WaitlistEntryState } from './entry-state.ts';

let places = 0;

function waits(user: string, seats: number, more: Partial<WaitlistEntryState> = {}): WaitlistEntryState {
  places += 1;
  return {
    id: idOf(`w-${user}`),
    version: 1,
    eventId: EVENT_ID,
    userId: idOf(user),
    seats,
    place: places,
    status: 'waiting',
    bookingId: null,
    offerExpiresAt: null,
    requests: [{ requestId: `join-${user}`, seats }],
    createdAt: minutes(-30),
    updatedAt: minutes(-30),
    ...more,
  };
}

/** A full event with a list: everybody on it is a candidate, as the load would find them. */
function fullWith(
  parties: WaitlistEntryState[],
  sold: BookingState[] = [booked('anna', 10)],
  more: Parameters<typeof stateOf>[0] = {},
): BatchState {
  const state = stateOf(more, sold);
  const candidates = parties.filter(({ status }) => status === 'waiting');
  return {
    ...state,
    event: { ...state.event, waitingCount: candidates.length },
    waitlist: {
      named: new Map(parties.map((entry) => [entry.id, entry])),
      requests: new Map(parties.flatMap((e) => e.requests.map((r) => [requestKey(e.userId, r.requestId), e] as const))),
      candidates,
      hasMore: false,
      isServed: false,
      offerIds: Array.from({ length: 20 }, (_, i) => ({ bookingId: idOf(`o-${i}`), code: `OFFER${i}` })),
    },
  };
}

function when(state: BatchState, ...commands: Command[]): Decision {
  return decide(state, commands, NOW);
}

function join(user: string, seats: number, requestId = `join-${user}`): Join {
  return { type: 'join', userId: idOf(user), requestId, seats, entryId: idOf(`w-${user}`) };
}

function errorOf(outcome: Outcome | undefined) {
  return outcome?.ok === false ? outcome.error : undefined;
}

function entryOf(outcome: Outcome | undefined) {
  return outcome?.ok && 'waitlistEntry' in outcome ? outcome.waitlistEntry : undefined;
}

function offered(decision: Decision): string[] {
  return decision.newBookings.filter(({ source }) => source === 'waitlist').map(({ userId }) => userId);
}

describe('joining', () => {
  it('puts a party at the end of a sold-out event’s list and counts it', () => {
    const { outcomes, newWaitlistEntries, event } = when(
      fullWith([waits('bob', 2)]),
      join('carol', 3),
      join('dave', 1),
    );
    expect(entryOf(outcomes[0])).toMatchObject({ status: 'waiting', seats: 3, version: 1 });
    expect(newWaitlistEntries.map(({ place }) => place)).toEqual(
      [...newWaitlistEntries.map(({ place }) => place)].sort((a, b) => a - b),
    );
    expect(event).toMatchObject({ waitingCount: 3, version: 8 });
  });

  it('is refused while that many seats can be booked', () => {
    const { outcomes } = when(stateOf({}, [booked('anna', 8)]), join('bob', 2), join('carol', 3));
    expect(errorOf(outcomes[0])).toMatchObject({ code: 'INVALID_STATE', details: { availableSeats: 2 } });
    expect(outcomes[1]?.ok).toBe(true);
  });

  it('again changes the party: smaller keeps its place, larger goes to the end', () => {
    const [bob, carol] = [waits('bob', 2), waits('carol', 2)];
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

  it('repeated with the same request gives the same entry, with another size it is refused', () => {
    const bob = waits('bob', 2);
    const { outcomes, changedWaitlistEntries, newWaitlistEntries } = when(
      fullWith([bob]),
      join('bob', 2),
      join('bob', 3),
    );
    expect(entryOf(outcomes[0])).toEqual(bob);
    expect(errorOf(outcomes[1])?.code).toBe('REQUEST_ID_REUSED');
    expect([...changedWaitlistEntries, ...newWaitlistEntries]).toEqual([]);
  });

  it('is refused to whoever has an offer, over a limit, or when nothing is on sale', () => {
    const offer = held('bob', 2, minutes(60));
    const bob = waits('bob', 2, { status: 'offered', bookingId: offer.id });
    const state = fullWith([bob], [booked('anna', 8), offer], { maxSeatsPerUser: 3, maxSeatsPerBooking: 4 });
    const { outcomes } = when(state, join('bob', 1, 'again'), join('carol', 5), join('anna', 1));
    expect(errorOf(outcomes[0])).toMatchObject({ code: 'INVALID_STATE', details: { bookingId: offer.id } });
    expect(outcomes.slice(1).map((outcome) => errorOf(outcome)?.code)).toEqual(['LIMIT_EXCEEDED', 'LIMIT_EXCEEDED']);
    const closed = when(fullWith([], undefined, { salesCloseAt: NOW }), join('carol', 1));
    expect(errorOf(closed.outcomes[0])?.code).toBe('SALES_CLOSED');
  });
});

describe('[I7] seats that come back', () => {
  it('are offered in the same batch, before anybody else can book them', () => {
    const anna = booked('anna', 10);
    const { outcomes, newBookings, event, changedWaitlistEntries, ledgerEntries } = when(
      fullWith([waits('bob', 2)], [anna]),
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

  it('go first to those who wait when seats were free before the batch', () => {
    const { outcomes, newBookings } = when(fullWith([waits('bob', 2)], [booked('anna', 8)]), book('carol', 1));
    expect(newBookings).toMatchObject([{ userId: idOf('bob') }]);
    expect(errorOf(outcomes[0])?.code).toBe('SOLD_OUT');
  });

  it('go first come, first fitting; what fits nobody goes on sale', () => {
    const parties = [waits('bob', 4), waits('carol', 2), waits('dave', 2)];
    const decision = when(fullWith(parties, [booked('anna', 7)]), book('eve', 1));
    expect(offered(decision)).toEqual([idOf('carol')]);
    expect(decision.outcomes[0]?.ok).toBe(true);
    expect(decision.event.counters.availableSeats).toBe(0);
  });

  it('pass over whoever has a live hold or would exceed a limit; they keep their place', () => {
    const hold = held('bob', 1, minutes(5));
    const [bob, carol, dave] = [waits('bob', 1), waits('carol', 2), waits('dave', 2)];
    const state = fullWith([bob, carol, dave], [booked('anna', 4), hold, booked('carol', 2)], { maxSeatsPerUser: 3 });
    const decision = when(state);
    expect(offered(decision)).toEqual([idOf('dave')]);
    expect(decision.changedWaitlistEntries.map(({ entry }) => entry.id)).toEqual([dave.id]);
  });

  it('pass over a party that is larger than one booking may be by now', () => {
    const state = fullWith([waits('bob', 4), waits('carol', 2)], [booked('anna', 6)], { maxSeatsPerBooking: 3 });
    expect(offered(when(state))).toEqual([idOf('carol')]);
  });

  it('wait for the next batch where this one sets a limit of seats per user', () => {
    const decision = when(fullWith([waits('bob', 2)]), edit({ totalSeats: 12, maxSeatsPerUser: 2 }));
    expect(decision).toMatchObject({ offerAfter: 0, newBookings: [], event: { counters: { availableSeats: 2 } } });
  });

  it('are offered by every way that frees them: release, smaller party, expiry, more capacity', () => {
    const over = held('anna', 2, NOW);
    const running = held('anna', 4, minutes(5));
    const full = (sold: BookingState[]) =>
      fullWith([waits('bob', 2)], [...sold, booked('zoe', 10 - (sold[0]?.seats ?? 0))]);
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
      expect(offered(when(fullWith([waits('bob', 1)], [booked('anna', 5)], more)))).toEqual([]);
    }
  });

  it('are offered until sales close at the latest', () => {
    const decision = when(fullWith([waits('bob', 1)], [booked('anna', 5)], { salesCloseAt: minutes(20) }));
    expect(decision.newBookings[0]).toMatchObject({ holdExpiresAt: minutes(20) });
  });

  it('go on behind the last candidate before anything is sold, where the list is longer than a batch', () => {
    const parties = [waits('bob', 1), waits('carol', 1)];
    const state = fullWith(parties, [booked('anna', 5)]);
    const long = { ...state, waitlist: { ...state.waitlist, hasMore: true } };
    const decision = when(long, book('eve', 1));
    expect(decision).toMatchObject({ offerAfter: parties[1]?.place, outcomes: [] });
    expect(offered(decision)).toHaveLength(2);
  });
});

describe('[I7] within one batch', () => {
  it('seats that a command gives back go to those who wait before the next command can book them', () => {
    const anna = booked('anna', 10);
    const decision = when(fullWith([waits('bob', 2)], [anna]), cancel(anna, { seats: 2 }), book('eve', 2));
    expect(offered(decision)).toEqual([idOf('bob')]);
    expect(errorOf(decision.outcomes[1])?.code).toBe('SOLD_OUT');
  });

  it('whoever joined in the batch is served before whoever books after', () => {
    const anna = booked('anna', 10);
    const decision = when(stateWithIds([anna]), join('bob', 2), cancel(anna, { seats: 2 }), book('eve', 1));
    expect(offered(decision)).toEqual([idOf('bob')]);
    expect(decision.newWaitlistEntries).toMatchObject([{ status: 'offered', version: 2 }]);
    expect(decision.event.waitingCount).toBe(0);
  });

  it('whoever gave up their own hold gets the offer that it stood in the way of', () => {
    const hold = held('bob', 1, minutes(5));
    const decision = when(fullWith([waits('bob', 2)], [booked('anna', 8), hold]), cancel(hold), book('eve', 1));
    expect(offered(decision)).toEqual([idOf('bob')]);
  });

  it('stops before a sale where the list goes on behind the candidates, and goes on once it is served', () => {
    const anna = booked('anna', 10);
    const state = fullWith([waits('bob', 4), waits('carol', 4)], [anna]);
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
    const entry = waits(user, 2, { status: 'offered', bookingId: offer.id, offerExpiresAt: offerEnds });
    return { offer, entry, next: waits('next', 2), more };
  }

  function scene({ offer, entry, next, more }: ReturnType<typeof offerTo>): BatchState {
    return fullWith([entry, next], [booked('anna', 8), offer], more);
  }

  it('of a free event is taken by its owner’s word', () => {
    const it = offerTo('bob');
    const free = { ...it, offer: { ...it.offer, price: { amount: 0, currency: 'EUR' } } };
    const { outcomes, changedWaitlistEntries, event } = when(scene(free), {
      type: 'confirm',
      bookingId: it.offer.id,
      actor: idOf('bob'),
    });
    expect(outcomes[0]).toMatchObject({ ok: true, booking: { status: 'confirmed', source: 'waitlist' } });
    expect(changedWaitlistEntries).toMatchObject([{ entry: { status: 'fulfilled', bookingId: it.offer.id } }]);
    expect(event.counters).toMatchObject({ soldSeats: 10, heldSeats: 0 });
  });

  it('with a price is not taken by word, but when it is paid', () => {
    const it = offerTo('bob');
    const word = when(scene(it), { type: 'confirm', bookingId: it.offer.id, actor: idOf('bob') });
    expect(errorOf(word.outcomes[0])).toMatchObject({ code: 'INVALID_STATE', details: { owes: { amount: 4000 } } });
    const paid = when(paying(scene(it), it.offer), pay(it.offer));
    expect(paid.changedWaitlistEntries).toMatchObject([{ entry: { status: 'fulfilled' } }]);
  });

  it('that is declined goes to the next at once, and its party has left', () => {
    const it = offerTo('bob');
    const decision = when(scene(it), { type: 'leave', userId: idOf('bob') });
    expect(entryOf(decision.outcomes[0])).toMatchObject({ status: 'left', bookingId: it.offer.id });
    expect(offered(decision)).toEqual([idOf('next')]);
  });

  it('that lapses goes to the next at once, and its party has missed it', () => {
    const it = offerTo('bob', {}, NOW);
    const decision = when(scene(it), { type: 'expire', bookingId: it.offer.id });
    expect(decision.changedWaitlistEntries).toMatchObject([
      { entry: { status: 'missed' } },
      { entry: { status: 'offered' } },
    ]);
    expect(offered(decision)).toEqual([idOf('next')]);
  });

  it('that ends with the sale is closed, and nobody gets another', () => {
    const it = offerTo('bob', { salesCloseAt: NOW }, NOW);
    const decision = when(scene(it), { type: 'expire', bookingId: it.offer.id });
    expect(decision.changedWaitlistEntries).toMatchObject([{ entry: { status: 'closed' } }]);
    expect(offered(decision)).toEqual([]);
  });
});

describe('leaving and closing', () => {
  it('gives up a place; whoever is not there is not found', () => {
    const { outcomes, event } = when(
      fullWith([waits('bob', 2)]),
      { type: 'leave', userId: idOf('bob') },
      { type: 'leave', userId: idOf('bob') },
    );
    expect(entryOf(outcomes[0])?.status).toBe('left');
    expect(errorOf(outcomes[1])?.code).toBe('NOT_FOUND');
    expect(event.waitingCount).toBe(0);
  });

  it('lets whoever left join again, at the end', () => {
    const state = fullWith([waits('bob', 2), waits('carol', 2)]);
    const again = { ...join('bob', 2, 'again'), entryId: idOf('w2-bob') };
    const { newWaitlistEntries } = when(state, { type: 'leave', userId: idOf('bob') }, again);
    expect(newWaitlistEntries).toMatchObject([{ status: 'waiting', seats: 2 }]);
    expect(newWaitlistEntries[0]?.place).toBeGreaterThan(state.waitlist.candidates[1]?.place ?? Infinity);
  });

  it('closes entries only when sales are over', () => {
    const early = when(fullWith([waits('bob', 2)]), { type: 'closeWaitlist' });
    expect(early.changedWaitlistEntries).toEqual([]);
    const late = when(fullWith([waits('bob', 2), waits('carol', 1)], undefined, { salesCloseAt: NOW }), {
      type: 'closeWaitlist',
    });
    expect(late.changedWaitlistEntries.map(({ entry }) => entry.status)).toEqual(['closed', 'closed']);
    expect(late.event.waitingCount).toBe(0);
  });
});

describe('holds that change', () => {
  it('take another size with the same end, and stay as they were when there are no seats', () => {
    const hold = held('anna', 2, minutes(5));
    const resize = (seats: number) => ({ type: 'changeHold', bookingId: hold.id, actor: hold.userId, seats }) as const;
    const state = stateOf({ price: hold.price }, [hold, booked('bob', 6)]);
    const { outcomes, event } = when(state, resize(4), resize(5), resize(1));
    expect(outcomes[0]).toMatchObject({ booking: { seats: 4, holdExpiresAt: minutes(5), version: 2 } });
    expect(errorOf(outcomes[1])).toMatchObject({ code: 'SOLD_OUT', details: { availableSeats: 0 } });
    expect(outcomes[2]).toMatchObject({ booking: { seats: 1, version: 3 } });
    expect(event.counters).toMatchObject({ availableSeats: 3, heldSeats: 1 });
  });

  it('do not grow after sales have closed, but shrink', () => {
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

  it('are revived by late money while their seats are free, and not otherwise', () => {
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
});

describe('calling an event off', () => {
  it('stops sales and says why; doing it again changes nothing', () => {
    const call = { type: 'cancelEvent', actor: idOf('admin'), reason: 'Storm' } as const;
    const { event, edited, outcomes } = when(stateOf({}, [booked('anna', 2)]), call, call, book('bob', 1));
    expect(event).toMatchObject({ cancelReason: 'Storm', revision: 4, settings: { status: 'cancelled' } });
    expect(edited).toBe(true);
    expect(errorOf(outcomes[2])).toMatchObject({ code: 'SALES_CLOSED', details: { reason: 'cancelled' } });
  });
});
