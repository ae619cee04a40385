import { afterEach, expect, test } from 'vitest';
import type { WaitlistEntry } from '#shared/waitlist.ts';
import { aBooking, anEvent } from '#lib/live/fixtures.ts';
import { overwriteGetLocale, type Locale } from '#lib/paraglide/runtime.js';
import { ownWords } from './own-words.ts';

const speak = (locale: Locale) => overwriteGetLocale(() => locale);
afterEach(() => speak('en'));

const EVENT = anEvent().id;
type Own = Parameters<typeof ownWords>[0];

function own(bookings: Parameters<typeof aBooking>[0][], entry?: Pick<WaitlistEntry, 'status' | 'position'>): Own {
  return {
    bookings: { ofEvent: () => bookings.map((more) => aBooking(more)) },
    waitlist: { ofEvent: () => entry },
  } as unknown as Own;
}

test('a card states the user’s booked or held seats, or the user’s position on the waiting list', () => {
  speak('en');
  const ticket = { status: 'confirmed', seats: 2 } as const;
  expect(ownWords(own([]), EVENT)).toBeNull();
  expect(ownWords(own([{ status: 'cancelled' }], { status: 'left', position: null }), EVENT)).toBeNull();
  expect(ownWords(own([{ status: 'held', seats: 3 }]), EVENT)).toBe('You hold 3 seats');
  expect(ownWords(own([{ status: 'held', source: 'waitlist', seats: 1 }]), EVENT)).toBe('1 seat for you');
  expect(ownWords(own([ticket, ticket], { status: 'waiting', position: 2 }), EVENT)).toBe(
    'You have 4 seats\u00a0· You wait, 2nd',
  );
});

test('a position is an ordinal number in both languages', () => {
  const at = (position: number | null) => ownWords(own([], { status: 'waiting', position }), EVENT);
  speak('en');
  expect([1, 2, 3, 4, 11, 12, 13, 21, 102].map(at)).toEqual(
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '102nd'].map((ordinal) => `You wait, ${ordinal}`),
  );
  expect(at(null)).toBe('You are waiting');
  speak('de');
  expect(at(2)).toBe('Sie warten an 2. Stelle');
});
