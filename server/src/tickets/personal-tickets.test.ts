import { describe, expect, it } from 'vitest';
import { createTickets } from '#server/booking/tickets.ts';
import { createPersonalTickets } from './personal-tickets.ts';
import { createTicketLinks } from './ticket-links.ts';

const SECRET = 'a secret of this database';
const EVENT = '75f0c0ffee0123456789abcd';
const TICKET = { bookingId: '65f0c0ffee0123456789abcd', type: 't12', number: 7, issue: 2 };
const personal = createPersonalTickets(SECRET);
const key = personal.keyOf(TICKET);
const text = personal.textOf(TICKET, EVENT);

/** The text with each sign replaced by others, one at a time, and cut or lengthened. */
function altered(whole: string): string[] {
  const changed = [...whole].flatMap((sign, at) =>
    [...'ABab0129-_.']
      .filter((other) => other !== sign)
      .map((other) => whole.slice(0, at) + other + whole.slice(at + 1)),
  );
  return [...changed, whole.slice(1), whole.slice(0, -1), `${whole}A`, ` ${whole}`, `${whole}\n`, whole.toUpperCase()];
}

describe('the key and the text of one seat’s own ticket', () => {
  it('name the seat and the issue, and are the same each time', () => {
    expect(key).toMatch(/^2[\w-]{16}\.t12\.7\.2\.[\w-]{24}$/);
    expect(text).toMatch(/^FR2\.65f0c0ffee0123456789abcd\.75f0c0ffee0123456789abcd\.t12\.7\.2\.[\w-]{24}$/);
    expect(personal.readKey(key)).toEqual(TICKET);
    expect(personal.readText(text)).toEqual(TICKET);
    expect([personal.keyOf(TICKET), personal.textOf(TICKET, EVENT)]).toEqual([key, text]);
  });

  it('name nothing with any one sign altered, added or missing', () => {
    expect(altered(key).length).toBeGreaterThan(400);
    for (const other of altered(key)) expect(personal.readKey(other), other).toBeNull();
    for (const other of altered(text)) expect(personal.readText(other), other).toBeNull();
  });

  it('name nothing on a database with another secret', () => {
    const other = createPersonalTickets('another secret');
    expect([other.readKey(key), other.readText(text)]).toEqual([null, null]);
  });

  it('cannot be made from each other, nor from the ticket or link of the whole booking', () => {
    const links = createTicketLinks(SECRET);
    const { readTicket } = createTickets(SECRET);
    const mac = (whole: string) => whole.split('.').at(-1);
    expect(mac(key)).not.toBe(mac(text));
    const body = key.slice(0, key.lastIndexOf('.'));
    for (const foreign of [mac(text), mac(links.keyOf(TICKET.bookingId))])
      expect(personal.readKey(`${body}.${foreign}`)).toBeNull();
    expect([links.bookingOf(key), readTicket(text)]).toEqual([null, null]);
    expect([personal.readKey(links.keyOf(TICKET.bookingId)), personal.readText(key)]).toEqual([null, null]);
  });

  it('have one form for each seat: numbers without leading zeros', () => {
    const [id, type, , issue] = key.split('.');
    expect(personal.readKey([id, type, '07', issue, key.split('.').at(-1)].join('.'))).toBeNull();
  });
});
