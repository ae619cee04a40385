import { describe, expect, it } from 'vitest';
import { createTicketLinks } from './ticket-links.ts';

const BOOKING = '65f0c0ffee0123456789abcd';
const links = createTicketLinks('a secret of this database');

describe('the key of a ticket’s link', () => {
  it('opens its booking, and is the same each time', () => {
    const key = links.keyOf(BOOKING);
    expect(key).toMatch(/^1[\w-]{16}\.[\w-]{24}$/);
    expect(links.keyOf(BOOKING)).toBe(key);
    expect(links.bookingOf(key)).toEqual({ bookingId: BOOKING });
  });

  it('opens nothing with any one sign altered, added or missing', () => {
    const key = links.keyOf(BOOKING);
    const altered = [...key].flatMap((sign, at) =>
      [...'ABab01-_.'].filter((other) => other !== sign).map((other) => key.slice(0, at) + other + key.slice(at + 1)),
    );
    expect(altered.length).toBeGreaterThan(300);
    for (const text of [
      ...altered,
      key.slice(1),
      key.slice(0, -1),
      `${key}A`,
      ` ${key}`,
      `${key}\n`,
      key.toLowerCase(),
    ])
      expect(links.bookingOf(text), text).toBeNull();
  });

  it('opens nothing on a database with another secret, and opens no other booking', () => {
    expect(createTicketLinks('another secret').bookingOf(links.keyOf(BOOKING))).toBeNull();
    const [, mac] = links.keyOf(BOOKING).split('.');
    const [other] = links.keyOf('65f0c0ffee0123456789abce').split('.');
    expect(links.bookingOf(`${other}.${mac}`)).toBeNull();
  });
});
