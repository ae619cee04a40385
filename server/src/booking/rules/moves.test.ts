import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { booked, edit, idOf, minutes, NOW, stateOf } from './decide.fixture.ts';
import { unseenMove } from './state/event-moves.ts';
import type { EventMove } from './state/event-state.ts';

const BERLIN = {
  startsAt: new Date('2030-07-01T18:00:00Z'),
  endsAt: null,
  venue: 'Schlosserei',
  timeZone: 'Europe/Berlin',
};
const moved = (at: number, more: Partial<EventMove> = {}): EventMove => ({ ...BERLIN, at: minutes(at), ...more });
const booking = (createdAt: number, seenAt: number | null = null) => ({
  createdAt: minutes(createdAt),
  movesSeenAt: seenAt === null ? null : minutes(seenAt),
});

describe('an edit of an event', () => {
  const mine = booked('alice', 2);
  const movesOf = (changes: Parameters<typeof edit>[0], more: Parameters<typeof stateOf>[0] = {}) =>
    decide({ ...stateOf(more, [mine]), everBooked: true }, [edit(changes)], NOW).event.moves;

  it('keeps time and venue from before each move', () => {
    const { startsAt, endsAt, venue, timeZone } = stateOf().event.settings;
    expect(movesOf({ venue: 'Stadthalle' })).toEqual([{ at: NOW, startsAt, endsAt, venue, timeZone }]);
    expect(movesOf({ endsAt: new Date(startsAt.getTime() + 1) })).toHaveLength(1);
    expect(movesOf({ startsAt: new Date(startsAt.getTime() + 1) })).toHaveLength(1);
  });

  it('is no move if time and venue look the same, also in another time zone with the same clock', () => {
    expect(movesOf({ title: 'Blues' })).toEqual([]);
    expect(movesOf({ timeZone: 'Europe/Vienna' }, { timeZone: 'Europe/Berlin' })).toEqual([]);
    expect(movesOf({ timeZone: 'Europe/London' }, { timeZone: 'Europe/Berlin' })).toHaveLength(1);
  });

  it('keeps a move only if the event has bookings', () => {
    expect(decide(stateOf(), [edit({ venue: 'Stadthalle' })], NOW).event.moves).toEqual([]);
  });

  it('forgets the oldest of more than twenty moves', () => {
    const state = stateOf({}, [mine]);
    const moves = Array.from({ length: 20 }, (_, index) => moved(index - 30));
    const many = { ...state, everBooked: true, event: { ...state.event, moves } };
    const after = decide(many, [edit({ venue: 'Stadthalle' })], NOW).event.moves;
    expect(after).toHaveLength(20);
    expect(after[0]).toEqual(moves[1]);
  });
});

describe('a move that the buyer has not seen', () => {
  const now = { ...BERLIN, venue: 'Stadthalle' };

  it('shows time and venue from before the first unseen move, and the time of the last', () => {
    const moves = [moved(-30), moved(-20, { venue: 'Stadtpark' }), moved(-10, { venue: 'Pier 9' })];
    expect(unseenMove(booking(-40), { ...now, moves })).toEqual({ ...moves[0], at: minutes(-10) });
    expect(unseenMove(booking(-25), { ...now, moves })).toEqual({ ...moves[1], at: minutes(-10) });
    expect(unseenMove(booking(-40, -20), { ...now, moves })).toEqual(moves[2]);
  });

  it('is null after the last move was seen, for a later booking, and once the event is moved back', () => {
    const moves = [moved(-20), moved(-10, { venue: 'Pier 9' })];
    expect(unseenMove(booking(-40, -10), { ...now, moves })).toBeNull();
    expect(unseenMove(booking(-10), { ...now, moves })).toBeNull();
    expect(unseenMove(booking(-40), { ...BERLIN, moves })).toBeNull();
    expect(unseenMove(booking(-40), { ...BERLIN, moves: [] })).toBeNull();
  });

  it('is reported for an end that was set, moved or cleared', () => {
    const end = new Date('2030-07-01T20:00:00Z');
    for (const [before, after] of [
      [null, end],
      [end, new Date('2030-07-01T21:00:00Z')],
      [end, null],
    ] as const) {
      const event = { ...BERLIN, endsAt: after, moves: [moved(-10, { endsAt: before })] };
      expect(unseenMove(booking(-40), event)?.endsAt).toEqual(before);
    }
  });
});

describe('acknowledging a move', () => {
  const mine = booked('alice', 2);
  const acknowledge = (at: Date, movesSeenAt: Date | null = null) => {
    const state = stateOf({}, [{ ...mine, movesSeenAt }]);
    return decide(state, [{ type: 'acknowledgeMove', bookingId: mine.id, actor: idOf('alice'), at }], NOW);
  };

  it('stores the time of the seen move, and changes no seats', () => {
    const { outcomes, ledgerEntries } = acknowledge(minutes(-5));
    expect(outcomes).toMatchObject([{ ok: true, booking: { movesSeenAt: minutes(-5), version: mine.version + 1 } }]);
    expect(ledgerEntries).toMatchObject([{ kind: 'moveSeen', available: 0, held: 0, sold: 0 }]);
  });

  it('never covers a move that is still to come', () => {
    expect(acknowledge(minutes(60)).outcomes).toMatchObject([{ booking: { movesSeenAt: NOW } }]);
  });

  it('again, or of an earlier move, changes nothing', () => {
    for (const at of [minutes(-5), minutes(-6)]) {
      const { outcomes, ledgerEntries } = acknowledge(at, minutes(-5));
      expect(outcomes).toMatchObject([{ repeated: true, booking: { movesSeenAt: minutes(-5) } }]);
      expect(ledgerEntries).toEqual([]);
    }
  });
});
