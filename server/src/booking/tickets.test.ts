import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { Types } from 'mongoose';
import { describe, expect, it, vi } from 'vitest';
import { createTickets, readTicket } from './tickets.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = createPublicKey(privateKey);
const confirmed = {
  _id: new Types.ObjectId(),
  eventId: new Types.ObjectId(),
  code: 'ABCDEFGH1234',
  status: 'confirmed',
} as const;

describe('a ticket', () => {
  it('names booking, event and code, and its signature is checked with the public key alone', () => {
    const ticket = createTickets(privateKey).ticketOf(confirmed) ?? '';
    expect(ticket).toContain(confirmed.code);
    expect(readTicket(ticket, publicKey)).toEqual({
      bookingId: confirmed._id.toHexString(),
      eventId: confirmed.eventId.toHexString(),
    });
  });

  it('is the same from every server with this key, prepared or not', async () => {
    const [one, other] = [createTickets(privateKey), createTickets(privateKey)];
    const id = confirmed._id.toHexString();
    one.prepare({ id, eventId: confirmed.eventId.toHexString(), code: confirmed.code, status: 'confirmed' });
    await vi.waitFor(() => expect(one.ticketOf(confirmed)).toBe(other.ticketOf(confirmed)));
  });

  it.each(['held', 'cancelled', 'expired'] as const)('is not there for a booking that is %s', (status) => {
    expect(createTickets(privateKey).ticketOf({ ...confirmed, status })).toBeNull();
  });

  it.each([
    [
      'another booking',
      (text: string) => text.replace(confirmed._id.toHexString(), new Types.ObjectId().toHexString()),
    ],
    ['another signature', (text: string) => text.slice(0, -4) + 'AAAA'],
    ['another key', () => createTickets(generateKeyPairSync('ed25519').privateKey).ticketOf(confirmed) ?? ''],
    ['another prefix', (text: string) => text.replace('FR1', 'FR2')],
    ['no signature', (text: string) => text.split('.').slice(0, 4).join('.')],
    ['nothing', () => ''],
  ])('with %s is not ours', (_, forge) => {
    expect(readTicket(forge(createTickets(privateKey).ticketOf(confirmed) ?? ''), publicKey)).toBeNull();
  });
});
