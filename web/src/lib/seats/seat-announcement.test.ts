import { expect, test } from 'vitest';
import type { SaleState } from './sale-state.ts';
import { seatAnnouncement } from './seat-announcement.ts';

const seats = (availableSeats: number, sale: SaleState = availableSeats === 0 ? 'sold_out' : 'open') => ({
  availableSeats,
  sale,
});
const change = (before: number, after: number) => seatAnnouncement(seats(before), seats(after));

test('a change of free seats is announced at 10, at 1, at 0 and from 0', () => {
  expect(change(12, 11)).toBeNull();
  expect(change(11, 10)).toBe('few');
  expect(change(10, 9)).toBeNull();
  expect(change(40, 3)).toBe('few');
  expect(change(3, 1)).toBe('few');
  expect(change(1, 0)).toBe('sold_out');
  expect(change(0, 4)).toBe('back');
});

test('a cancelled event is announced once, and the seats that its bookings give back never', () => {
  expect(seatAnnouncement(seats(0), seats(0, 'cancelled'))).toBe('cancelled');
  expect(seatAnnouncement(seats(0), seats(4, 'cancelled'))).toBe('cancelled');
  expect(seatAnnouncement(seats(0, 'cancelled'), seats(4, 'cancelled'))).toBeNull();
});

test.each(['closed', 'over', 'draft', 'before'] as const)(
  'seats that cannot be booked are not announced: %s',
  (sale) => {
    expect(seatAnnouncement(seats(0, sale), seats(4, sale))).toBeNull();
    expect(seatAnnouncement(seats(11, sale), seats(1, sale))).toBeNull();
  },
);
