import { describe, expect, it } from 'vitest';
import type { PassTicket } from './pass-serials.ts';
import { createPassTokens, serialOf, ticketOfSerial } from './pass-serials.ts';

const ID = '0123456789abcdef01234567';

describe('the serial number of a pass', () => {
  it.each<[string, PassTicket]>([
    [`b-${ID}`, { kind: 'own', bookingId: ID }],
    [`l-${ID}`, { kind: 'linked', bookingId: ID }],
    [`p-${ID}-t12-3-0`, { kind: 'personal', bookingId: ID, type: 't12', number: 3, issue: 0 }],
  ])('%s names a ticket, and no other names it', (serial, ticket) => {
    expect(serialOf(ticket)).toBe(serial);
    expect(ticketOfSerial(serial)).toEqual(ticket);
  });

  it.each(['', 'b-', `x-${ID}`, `b-${ID}0`, `p-${ID}`, `p-${ID}-t01-3-0`, `p-${ID}-t1-0-0`, `p-${ID}-t1-1-00`])(
    'is not %j',
    (serial) => expect(ticketOfSerial(serial)).toBeNull(),
  );
});

describe('the token of a pass', () => {
  const { tokenOf, isToken } = createPassTokens('a secret of this database');

  it('is that of one serial number and one secret', () => {
    const token = tokenOf(`b-${ID}`);
    expect(isToken(`b-${ID}`, token)).toBe(true);
    expect(isToken(`l-${ID}`, token)).toBe(false);
    expect(createPassTokens('another').isToken(`b-${ID}`, token)).toBe(false);
    for (const wrong of ['', `${token}A`, token.slice(1), token.toLowerCase()])
      expect(isToken(`b-${ID}`, wrong), wrong).toBe(false);
  });
});
