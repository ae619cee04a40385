import { expect, test } from 'vitest';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import { anEvent, aVoucher } from '#lib/live/fixtures.ts';
import { givesWords, rulesWords, useWords } from './voucher-words.ts';

const event = anEvent({
  timeZone: 'UTC',
  ticketTypes: [aTicketType({ id: 't1', name: 'Adult' }), aTicketType({ id: 't2', name: 'VIP', access: 'voucher' })],
});
const plain = (text: string) => text.replace(/[\u2066-\u2069]/g, '');
const gives = (more: Parameters<typeof aVoucher>[0]) => plain(givesWords(aVoucher(more), event));

test('what a voucher gives is its discount, the types of it, and the types that it opens', () => {
  expect(gives({})).toBe('10% off');
  expect(gives({ percentOff: null, amountOff: { amount: 250, currency: 'EUR' }, ticketTypes: ['t1'] })).toBe(
    '€2.50 off each ticket for Adult',
  );
  expect(gives({ percentOff: null, opens: ['t2'] })).toBe('opens VIP');
  expect(gives({ opens: ['t2', 't9'] })).toBe('10% off; opens VIP, t9');
});

test('the rules of a voucher are when it is valid and how much one person gets', () => {
  const nowMs = Date.parse('2026-10-01T12:00:00.000Z');
  const rules = (more: Parameters<typeof aVoucher>[0]) => rulesWords(aVoucher(more), event, nowMs);
  expect(rules({})).toBe('');
  expect(rules({ validUntil: '2026-10-02T18:00:00.000Z', maxTicketsPerUser: 1 })).toMatch(
    /^until Fri,? 2 Oct,? 18:00.*, 1 ticket per person$/,
  );
});

test('the use of a voucher counts used and held tickets, of its limit if it has one', () => {
  expect(useWords(aVoucher({ used: 2, held: 1 }))).toBe('2 used, 1 being paid for');
  expect(useWords(aVoucher({ used: 2, held: 1, maxTickets: 5 }))).toBe('2 of 5 used, 1 being paid for');
});
