import { beforeAll, describe, expect, test } from 'vitest';
import type { Booking, BookingPage } from '#shared/booking.ts';
import type { Availability, Event, EventPage } from '#shared/event.ts';
import type { EventStats } from '#shared/organiser.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { Push } from '#shared/protocol/pushes.ts';
import type { CheckedVoucher, Voucher } from '#shared/tickets/voucher.ts';
import type { WaitlistEntry } from '#shared/waitlist.ts';
import type { PythonClient } from '../support/python-client.ts';
import { preparePythonClient, runPythonClient } from '../support/python-client.ts';
import { publicEvent, testApp } from '../support/test-app.ts';

/** The JSON that client.py prints. */
interface Seen {
  stranger: { message: string; data: { code: string } };
  transport: string;
  welcome: Push<'welcome'>;
  created: Event;
  announced: Event;
  listed: EventPage;
  booked: Booking;
  bookingPushed: Booking;
  seatsAfterBooking: Availability;
  repeated: Booking;
  reused: Result<Booking>;
  soldOut: Result<Booking>;
  cancelled: Booking;
  seatsAfterCancelling: Availability;
  forbidden: Result<Event>;
  unknown: Result<unknown>;
  mine: BookingPage;
}

/** The JSON that ticket_types.py prints. */
interface SeenTypes {
  created: Event;
  shown: Event;
  alone: Result<Booking>;
  oldForm: Result<Booking>;
  booked: Booking;
  left: Availability;
  childGone: Result<Booking>;
  poolGone: Result<Booking>;
  returned: Booking;
  leftAfterReturn: Availability;
  family: Booking;
  soldOut: Availability;
  waiting: WaitlistEntry;
  stats: EventStats;
  priced: Event;
  unknownCode: Result<unknown>;
  opened: CheckedVoucher;
  tooCheap: Result<Booking>;
  held: Booking;
  changed: Booking;
  released: Booking;
  voucher: Voucher;
}

const INSTALL_WITHIN_MS = 240_000;

describe('a python-socketio client', () => {
  let client: PythonClient;
  beforeAll(async () => {
    client = await preparePythonClient();
  }, INSTALL_WITHIN_MS);

  test('signs in, creates, lists, books, cancels, and receives every push', async (t) => {
    if (client.kind === 'missing') return t.skip(`Python cannot install python-socketio here: ${client.why}`);
    const { url, admin } = await testApp(t);
    await admin();
    const seen = (await runPythonClient(client.python, 'client.py', [
      url,
      'admin@example.org',
      'correct horse',
    ])) as Seen;

    expect(seen.stranger).toMatchObject({ message: 'UNAUTHENTICATED', data: { code: 'UNAUTHENTICATED' } });
    expect(seen.transport).toBe('websocket');
    expect(seen.welcome).toMatchObject({ protocol: 1, user: { name: 'Pia', role: 'user' }, payments: 'demo' });

    expect(seen.created).toMatchObject({ title: 'Night of the snakes', availableSeats: 5, status: 'published' });
    expect(seen.announced).toEqual(publicEvent(seen.created as Event));
    expect(seen.listed).toMatchObject({ total: 1, page: 1, events: [{ id: seen.created.id }] });

    expect(seen.booked).toMatchObject({ status: 'confirmed', seats: 2, eventId: seen.created.id });
    expect(seen.bookingPushed).toEqual(seen.booked);
    expect(seen.repeated).toEqual(seen.booked);
    expect(seen.seatsAfterBooking).toMatchObject({ soldSeats: 2, totalSeats: 5 });
    expect(seen.reused).toMatchObject({ ok: false, error: { code: 'REQUEST_ID_REUSED' } });
    expect(seen.soldOut).toMatchObject({ ok: false, error: { code: 'SOLD_OUT', details: { availableSeats: 3 } } });

    expect(seen.cancelled).toMatchObject({ id: seen.booked.id, status: 'cancelled', ended: { by: 'buyer' } });
    expect(seen.seatsAfterCancelling.version).toBeGreaterThan(seen.seatsAfterBooking.version);
    expect(seen.mine.bookings).toEqual([seen.cancelled]);

    expect(seen.forbidden).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } });
    expect(seen.unknown).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
  }, 60_000);

  test('books tickets of several types, gives one back, and uses a voucher', async (t) => {
    if (client.kind === 'missing') return t.skip(`Python cannot install python-socketio here: ${client.why}`);
    const { url, admin } = await testApp(t);
    await admin();
    const args = [url, 'admin@example.org', 'correct horse'];
    const seen = (await runPythonClient(client.python, 'ticket_types.py', args)) as SeenTypes;
    const refused = (code: string, details?: object) => ({ ok: false, error: { code, ...(details && { details }) } });

    expect(seen.shown.ticketTypes.map(({ name, available }) => [name, available])).toEqual([
      ['Adult', 7],
      ['Child', 2],
      ['Family of 4', 1],
      ['Parking', 1],
    ]);
    expect(seen.shown.ticketTypes[0]).not.toHaveProperty('sold');
    expect(seen.alone).toMatchObject(refused('INVALID_INPUT'));
    expect(seen.oldForm).toMatchObject(refused('INVALID_INPUT'));
    expect(seen.booked).toMatchObject({ status: 'confirmed', seats: 4, total: { amount: 0 } });
    expect(seen.booked.tickets.map(({ name, count }) => [name, count])).toEqual([
      ['Adult', 2],
      ['Child', 2],
      ['Parking', 1],
    ]);
    const leftOf = ({ ticketsLeft }: Availability) => ticketsLeft?.map(({ available }) => available);
    expect(leftOf(seen.left)).toEqual([3, 0, 0, 0]);
    expect(seen.childGone).toMatchObject(refused('SOLD_OUT', { ticketType: 't2', available: 0 }));
    expect(seen.poolGone).toMatchObject(refused('SOLD_OUT', { availableSeats: 3 }));
    expect(seen.returned).toMatchObject({ seats: 3, status: 'confirmed' });
    expect(leftOf(seen.leftAfterReturn)).toEqual([4, 1, 1, 0]);
    expect(seen.family).toMatchObject({ seats: 4, tickets: [{ name: 'Family of 4', count: 1, seats: 4 }] });
    expect(leftOf(seen.soldOut)).toEqual([0, 0, 0, 0]);
    expect(seen.waiting).toMatchObject({ status: 'waiting', position: 1, tickets: [{ type: 't1', count: 1 }] });
    expect(seen.stats.byTicketType.map(({ tickets, seats }) => [tickets, seats])).toEqual([
      [2, 2],
      [1, 1],
      [1, 4],
      [1, 0],
    ]);

    expect(seen.priced.ticketTypes.map(({ name }) => name)).toEqual(['Adult', 'Child']);
    expect(seen.unknownCode).toMatchObject(refused('VOUCHER_INVALID', { reason: 'unknown' }));
    expect(seen.opened.ticketTypes.map(({ id, price }) => [id, price.amount])).toContainEqual(['t3', 750]);
    expect(seen.tooCheap).toMatchObject(refused('PRICE_CHANGED', { total: { amount: 3_200, currency: 'EUR' } }));
    expect(seen.held).toMatchObject({ status: 'held', total: { amount: 3_200, currency: 'EUR' } });
    expect(seen.changed.tickets).toContainEqual(
      expect.objectContaining({ type: 't3', price: { amount: 750, currency: 'EUR' } }),
    );
    expect(seen.changed.voucher).toBe(seen.voucher.code);
    expect(seen.released).toMatchObject({ status: 'cancelled' });
    expect(seen.voucher).toMatchObject({ held: 0, used: 0, maxTickets: 5 });
  }, 60_000);
});
