import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Person, TestApp } from '../../support/test-app.ts';
import { book, eventInput, refusalOf } from '../../support/test-app.ts';
import { bookTickets, fourTypes } from '../../support/payments/typed-event.ts';
import { readToken } from '../../support/wallet/google-stand-in.ts';
import { googleSettings, SERVICE_ACCOUNT } from '../../support/wallet/pass-keys.ts';
import { linkKey, seatKeys, walletWorld } from '../../support/wallet/wallet-world.ts';

const ISSUER = googleSettings().GOOGLE_WALLET_ISSUER;

interface Claims {
  payload: { eventTicketClasses: Record<string, unknown>[]; eventTicketObjects: Record<string, unknown>[] };
}

/** The address that a route redirects to, and what its token says. */
async function followed(answer: Response) {
  expect(answer.status).toBe(303);
  const location = answer.headers.get('location') ?? '';
  expect(location).toMatch(/^https:\/\/pay\.google\.com\/gp\/v\/save\//);
  const token = location.split('/').at(-1) ?? '';
  expect(token.length).toBeLessThanOrEqual(1_800);
  const claims = readToken(token) as unknown as Claims & Record<string, unknown>;
  const [event, ticket] = [claims.payload.eventTicketClasses[0], claims.payload.eventTicketObjects[0]];
  return { claims, event, ticket };
}

function own({ url }: TestApp, { token }: Person, bookingId: string) {
  const headers = { authorization: `Bearer ${token}` };
  return fetch(`${url}/api/bookings/${bookingId}/google-wallet`, { headers, redirect: 'manual' });
}

const linked = ({ url }: TestApp, key: string) =>
  fetch(`${url}/api/ticket-links/${key}/google-wallet`, { redirect: 'manual' });

describe('a ticket for Google Wallet', () => {
  it('is an address with a signed token that holds event and ticket', async (t) => {
    const { app, alice, event, booking } = await walletWorld(t);
    const { claims, event: shown, ticket } = await followed(await own(app, alice, booking.id));
    expect(claims).toMatchObject({ iss: SERVICE_ACCOUNT, aud: 'google', typ: 'savetowallet' });
    expect(shown).toMatchObject({
      id: `${ISSUER}.${event.id}`,
      issuerName: 'Frontrow',
      reviewStatus: 'UNDER_REVIEW',
      eventName: { defaultValue: { value: event.title } },
      venue: { name: { defaultValue: { value: event.venue } }, address: { defaultValue: { value: event.address } } },
      dateTime: { start: '2030-07-01T20:00:00+02:00' },
    });
    expect(ticket).toMatchObject({
      id: `${ISSUER}.b-${booking.id}`,
      classId: shown?.['id'],
      state: 'ACTIVE',
      barcode: { type: 'QR_CODE', value: booking.ticket },
      reservationInfo: { confirmationCode: booking.code },
      ticketHolderName: 'alice',
    });
  });

  it('by a link has no name, and for one seat neither name nor code', async (t) => {
    const { app, alice, booking } = await walletWorld(t);
    const whole = await followed(await linked(app, await linkKey(app, alice, booking.id)));
    expect(whole.ticket).toMatchObject({ id: `${ISSUER}.l-${booking.id}` });
    expect(JSON.stringify(whole.claims)).not.toContain('alice');
    const [first = ''] = await seatKeys(app, alice, booking.id);
    const seat = await followed(await linked(app, first));
    expect(seat.ticket).toMatchObject({ id: `${ISSUER}.p-${booking.id}-t1-1-0`, ticketNumber: '1 / 2' });
    for (const secret of ['alice', booking.code]) expect(JSON.stringify(seat.claims)).not.toContain(secret);
    expect(await refusalOf(await linked(app, `${first}A`))).toMatchObject({ status: 404 });
  });

  it('keeps its token within the limit whatever people have written, and the code whole', async (t) => {
    const { app, admin, alice } = await walletWorld(t);
    const long = (length: number) => '漢字🎭'.repeat(length).slice(0, length);
    const ticketTypes = fourTypes([0, 0, 0, 0]).map((type, at) => ({ ...type, name: `${at}${long(50)}` }));
    const texts = { title: long(117), venue: long(198), address: long(297), ticketTypes };
    const { id: eventId } = await admin.must('createEvent', eventInput(texts));
    const booking = await bookTickets(alice, eventId, { t1: 2, t2: 1, t3: 1, t4: 1 });
    const { event, ticket } = await followed(await own(app, alice, booking.id));
    expect(ticket).toMatchObject({ barcode: { value: booking.ticket } });
    expect(JSON.stringify(event)).toContain('漢字🎭');
  });

  it('is refused for a booking that has ended', async (t) => {
    const { app, alice, booking } = await walletWorld(t);
    await alice.must('cancelBooking', { bookingId: booking.id });
    expect(await refusalOf(await own(app, alice, booking.id))).toMatchObject({ status: 409, code: 'INVALID_STATE' });
  });

  it('gets the new time and place of a moved event, once for all of its tickets, by a token that is used again', async (t) => {
    const { app, google, admin, alice, event, booking } = await walletWorld(t);
    // Bob has saved none.
    await book(await app.register('bob'), event.id, 1);
    for (const id of [booking.id, (await book(alice, event.id, 1)).id]) await followed(await own(app, alice, id));
    const changes = { startsAt: '2030-07-02T18:00:00.000Z', venue: 'Stadthalle' };
    await admin.must('updateEvent', { eventId: event.id, revision: 1, changes });
    await app.clock.until(expect.poll(() => google.patches.length, { timeout: 15_000 }).toBe(3));
    expect(google.patches[0]).toMatchObject({
      path: `eventTicketClass/${ISSUER}.${event.id}`,
      body: {
        dateTime: { start: '2030-07-02T20:00:00+02:00', end: null },
        venue: { name: { defaultValue: { value: 'Stadthalle' } } },
        notifyPreference: 'NOTIFY_ON_UPDATE',
      },
    });
    expect(google.tokens()).toBe(1);
  });

  it('becomes inactive and loses its code when the booking is cancelled, and shows fewer seats before', async (t) => {
    const { app, google, alice, booking } = await walletWorld(t);
    await followed(await own(app, alice, booking.id));
    await alice.must('cancelBooking', { bookingId: booking.id, seats: 1, requestId: randomUUID() });
    const path = `eventTicketObject/${ISSUER}.b-${booking.id}`;
    await app.clock.until(expect.poll(() => google.patches.length, { timeout: 15_000 }).toBe(1));
    expect(google.patches[0]).toMatchObject({
      path,
      body: { state: 'ACTIVE', ticketType: { defaultValue: { value: '1 ×' } } },
    });
    await alice.must('cancelBooking', { bookingId: booking.id });
    await app.clock.until(expect.poll(() => google.patches.length, { timeout: 15_000 }).toBe(2));
    expect(google.patches[1]).toMatchObject({ path, body: { state: 'INACTIVE', barcode: null } });
  });

  it('that was never saved is unknown to Google, and ends its job; a failure is tried again', async (t) => {
    const { app, google, admin, alice, event, booking } = await walletWorld(t);
    await followed(await own(app, alice, booking.id));
    google.failures.push(503);
    google.unknown.add(`eventTicketObject/${ISSUER}.b-${booking.id}`);
    await admin.must('updateEvent', { eventId: event.id, revision: 1, changes: { title: 'Jazz im Saal' } });
    const job = () => app.app.models.jobs.findOne({ kind: 'update-passes' }).lean();
    await app.clock.until(expect.poll(async () => (await job())?.state, { timeout: 15_000 }).toBe('done'));
    expect((await job())?.attempts).toBeGreaterThan(1);
    expect(new Set(google.patches.map(({ path }) => path.split('/')[0]))).toEqual(new Set(['eventTicketClass']));
  });
});
