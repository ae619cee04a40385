import { describe, expect, it } from 'vitest';
import { personalSeats } from './personal-seats.ts';

const line = (type: string, count: number, seats = 1) => ({ type, name: type.toUpperCase(), count, seats });
const AT = '2026-11-23T20:03:00.000Z';

function record(type: string, number: number, more: { sharedAt?: string; checkedInAt?: string; issue?: number } = {}) {
  return { type, number, issue: 0, sharedAt: null, checkedInAt: null, ...more };
}

describe('the seats of a booking', () => {
  it('are numbered within their type, over all its lines, and extras have none', () => {
    const tickets = [line('t1', 1), line('t2', 1, 4), line('t3', 2, 0), line('t1', 2)];
    const seats = personalSeats({ tickets, seats: 7, checkedInSeats: 0 });
    expect(seats.map(({ type, number, of }) => `${type} ${number} of ${of}`)).toEqual([
      't1 1 of 3',
      't1 2 of 3',
      't1 3 of 3',
      't2 1 of 4',
      't2 2 of 4',
      't2 3 of 4',
      't2 4 of 4',
    ]);
    expect(seats.every(({ isInside, issue, sharedAt }) => !isInside && issue === 0 && sharedAt === null)).toBe(true);
  });

  it('are inside by their own ticket, or when no seat is left that the others could have', () => {
    const personalTickets = [record('t1', 2, { checkedInAt: AT }), record('t1', 3, { sharedAt: AT })];
    const inside = (checkedInSeats: number) =>
      personalSeats({ tickets: [line('t1', 4)], seats: 4, checkedInSeats, checkedInAt: AT, personalTickets }).map(
        (seat) => seat.isInside,
      );
    expect(inside(1)).toEqual([false, true, false, false]);
    expect(inside(2)).toEqual([false, true, false, false]);
    expect(inside(3)).toEqual([true, true, false, true]);
    expect(inside(4)).toEqual([true, true, true, true]);
  });

  it('say since when they are inside, as far as that is known', () => {
    const known = { tickets: [line('t1', 2)], seats: 2, checkedInSeats: 2 };
    expect(personalSeats<string>(known).map(({ checkedInAt }) => checkedInAt)).toEqual([null, null]);
    const later = '2026-11-23T20:10:00.000Z';
    const personalTickets = [record('t1', 1, { checkedInAt: AT })];
    const times = personalSeats({ ...known, checkedInAt: later, personalTickets }).map((seat) => seat.checkedInAt);
    expect(times).toEqual([AT, later]);
  });

  it('have no numbers where a booking has more than a hundred', () => {
    const of = (count: number) =>
      personalSeats({ tickets: [line('t1', count)], seats: count, checkedInSeats: 0 }).length;
    expect([of(100), of(101), of(1_000_000)]).toEqual([100, 0, 0]);
  });
});
