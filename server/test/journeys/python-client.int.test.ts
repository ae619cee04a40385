import { beforeAll, describe, expect, test } from 'vitest';
import type { Booking, BookingPage } from '#shared/booking.ts';
import type { Availability, Event, EventPage } from '#shared/event.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { Push } from '#shared/protocol/pushes.ts';
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
    const seen = (await runPythonClient(client.python, [url, 'admin@example.org', 'correct horse'])) as Seen;

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
});
