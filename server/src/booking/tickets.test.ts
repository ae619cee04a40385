import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { createTickets } from './tickets.ts';

const { ticketOf, readTicket } = createTickets('a secret of this database');
const confirmed = {
  _id: new Types.ObjectId(),
  eventId: new Types.ObjectId(),
  code: 'ABCDEFGH1234',
  status: 'confirmed',
} as const;
const ticket = ticketOf(confirmed) ?? '';

describe('a ticket', () => {
  it('names booking, event and code, and has a valid signature', () => {
    expect(ticket).toContain(confirmed.code);
    expect(readTicket(ticket)).toEqual({
      bookingId: confirmed._id.toHexString(),
      eventId: confirmed.eventId.toHexString(),
    });
  });

  it('is the same from every server with this secret', () => {
    expect(createTickets('a secret of this database').ticketOf(confirmed)).toBe(ticket);
  });

  it('is short enough for a coarse QR code', () => {
    expect(ticket.length).toBeLessThanOrEqual(100);
  });

  it.each(['held', 'cancelled', 'expired'] as const)('does not exist for a booking that is %s', (status) => {
    expect(ticketOf({ ...confirmed, status })).toBeNull();
  });

  it.each([
    ['another booking', ticket.replace(confirmed._id.toHexString(), new Types.ObjectId().toHexString())],
    ['another code', ticket.replace(confirmed.code, 'ABCDEFGH1235')],
    ['another signature', `${ticket.slice(0, -4)}AAAA`],
    ['a shorter signature', ticket.slice(0, -4)],
    ['a longer signature', `${ticket}AAAA`],
    ['another secret', createTickets('another').ticketOf(confirmed) ?? ''],
    ['another prefix', ticket.replace('FR1', 'FR2')],
    ['no signature', ticket.split('.').slice(0, 4).join('.')],
    ['nothing', ''],
  ])('with %s is not recognised', (_, text) => {
    expect(readTicket(text)).toBeNull();
  });
});
