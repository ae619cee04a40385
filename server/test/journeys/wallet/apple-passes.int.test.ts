import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { posterColors } from '#shared/poster/poster-colors.ts';
import { bookTickets, fourTypes } from '../../support/payments/typed-event.ts';
import { book, eventInput, refusalOf, testApp } from '../../support/test-app.ts';
import { plainPicture, upload } from '../../support/uploads.ts';
import { PASS_TYPE_ID, TEAM_ID } from '../../support/wallet/pass-keys.ts';
import { linkKey, ORIGIN, ownPass, passIn, seatKeys, START, walletWorld } from '../../support/wallet/wallet-world.ts';

describe('a ticket as a pass for Apple Wallet', () => {
  it('is signed, and has the QR code of the ticket, the event by the clock of the venue, name, seats and code', async (t) => {
    const { app, alice, event, booking } = await walletWorld(t);
    const { files, signer, json, fields } = await ownPass(app, alice, booking.id);
    expect(signer.subject).toContain(`UID=${PASS_TYPE_ID}`);
    expect(json).toMatchObject({
      formatVersion: 1,
      passTypeIdentifier: PASS_TYPE_ID,
      teamIdentifier: TEAM_ID,
      serialNumber: `b-${booking.id}`,
      organizationName: 'Frontrow',
      webServiceURL: `${ORIGIN}/api/wallet`,
      authenticationToken: expect.stringMatching(/^[\w-]{43}$/),
      barcodes: [{ format: 'PKBarcodeFormatQR', message: booking.ticket, messageEncoding: 'iso-8859-1' }],
      relevantDate: START,
    });
    expect(json).not.toHaveProperty('voided');
    const groups = booking.code.replace(/(.{4})(?=.)/g, '$1 ');
    expect(json.barcodes?.[0]?.altText).toBe(groups);
    const [red, green, blue] = [1, 3, 5].map((at) =>
      Number.parseInt(posterColors(event.id).block.slice(at, at + 2), 16),
    );
    expect(json['backgroundColor']).toBe(`rgb(${red}, ${green}, ${blue})`);
    expect(fields).toMatchObject({
      event: event.title,
      venue: event.venue,
      place: `${event.venue}, ${event.address}`,
      starts: '2030-07-01T20:00:00+02:00',
      seats: 2,
      name: 'alice',
      code: groups,
    });
    for (const [name, side] of [
      ['icon.png', 29],
      ['icon@2x.png', 58],
      ['icon@3x.png', 87],
      ['logo@2x.png', 100],
    ] as const)
      expect(await sharp(files.get(name)).metadata(), name).toMatchObject({ format: 'png', width: side, height: side });
    expect(files.get('de.lproj/pass.strings')?.toString()).toMatch(/"Venue" = "Ort";/);
    expect(files.has('thumbnail.png')).toBe(false);
  });

  it('has the picture of its event, around the focus', async (t) => {
    const { app, admin, alice, event, booking } = await walletWorld(t);
    const picture = await plainPicture(800, 400);
    expect((await upload(app, { eventId: event.id, token: admin.token, picture })).ok).toBe(true);
    const { files } = await ownPass(app, alice, booking.id);
    expect(await sharp(files.get('thumbnail@3x.png')).metadata()).toMatchObject({ width: 270, height: 270 });
  });

  it('names its ticket types where the event has several', async (t) => {
    const { app, admin, alice } = await walletWorld(t);
    const { id: eventId } = await admin.must('createEvent', eventInput({ ticketTypes: fourTypes([0, 0, 0, 0]) }));
    const { id } = await bookTickets(alice, eventId, { t1: 2, t2: 1 });
    const { fields } = await ownPass(app, alice, id);
    expect(fields['tickets']).toBe('2 × Adult, 1 × Child');
    expect(fields).not.toHaveProperty('seats');
  });

  it('by the link of a booking has no name, and by that of a seat neither code nor name', async (t) => {
    const { app, alice, booking } = await walletWorld(t);
    const key = await linkKey(app, alice, booking.id);
    const linked = await passIn(await app.get(`/api/ticket-links/${key}/ticket.pkpass`));
    expect(linked.json).toMatchObject({ serialNumber: `l-${booking.id}`, barcodes: [{ message: booking.ticket }] });
    expect(linked.fields).not.toHaveProperty('name');
    expect(linked.files.get('pass.json')?.toString()).not.toContain('alice');

    const [, second = ''] = await seatKeys(app, alice, booking.id);
    const seat = await passIn(await app.get(`/api/ticket-links/${second}/ticket.pkpass`));
    expect(seat.json).toMatchObject({
      serialNumber: `p-${booking.id}-t1-2-0`,
      barcodes: [{ message: expect.any(String) }],
    });
    expect(seat.json.barcodes?.[0]?.message).toMatch(/^FR2\./);
    expect(seat.fields['seat']).toBe('2 / 2');
    for (const secret of [booking.code, 'alice', booking.ticket ?? ''])
      expect(seat.files.get('pass.json')?.toString()).not.toContain(secret);
  });

  it('is refused by an altered link, to another account, without a session, and for a booking that has ended', async (t) => {
    const { app, alice, booking } = await walletWorld(t, { env: { RATE_LIMITS: 'off' } });
    const mallory = await app.register('mallory');
    const path = `/api/bookings/${booking.id}/ticket.pkpass`;
    const key = await linkKey(app, alice, booking.id);
    const altered = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
    expect(await refusalOf(await app.get(`/api/ticket-links/${altered}/ticket.pkpass`))).toMatchObject({ status: 404 });
    const theirs = { authorization: `Bearer ${mallory.token}` };
    expect(await refusalOf(await app.get(path, theirs))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await refusalOf(await app.get(path))).toMatchObject({ status: 401 });
    await alice.must('cancelBooking', { bookingId: booking.id });
    const ended = { status: 409, code: 'INVALID_STATE', details: { status: 'cancelled' } };
    expect(await refusalOf(await app.get(path, { authorization: `Bearer ${alice.token}` }))).toMatchObject(ended);
    expect(await refusalOf(await app.get(`/api/ticket-links/${key}/ticket.pkpass`))).toMatchObject(ended);
  });

  it('of a seat is refused once the buyer has revoked that ticket', async (t) => {
    const { app, alice, booking } = await walletWorld(t);
    const [first = ''] = await seatKeys(app, alice, booking.id);
    await alice.must('revokeTicket', { bookingId: booking.id, type: 't1', number: 1, issue: 0 });
    const answer = await app.get(`/api/ticket-links/${first}/ticket.pkpass`);
    expect(await refusalOf(answer)).toMatchObject({ status: 409, details: { status: 'revoked' } });
  });

  it('names no web service where the site is not https, because devices would refuse the pass', async (t) => {
    const { app, alice, booking } = await walletWorld(t, { env: { PUBLIC_URL: 'http://localhost:5000' } });
    const { json } = await ownPass(app, alice, booking.id);
    expect(json).not.toHaveProperty('webServiceURL');
    expect(json).not.toHaveProperty('authenticationToken');
  });
});

it('without keys there is nothing of wallets: no addresses, and the site says so', async (t) => {
  const app = await testApp(t);
  const [admin, alice] = [await app.admin(), await app.register('alice')];
  const event = await admin.must('createEvent', eventInput());
  const booking = await book(alice, event.id);
  const headers = { authorization: `Bearer ${alice.token}` };
  const key = await linkKey(app, alice, booking.id);
  for (const path of [`/api/bookings/${booking.id}`, `/api/ticket-links/${key}`])
    for (const file of ['ticket.pkpass', 'google-wallet'])
      expect(await refusalOf(await app.get(`${path}/${file}`, headers))).toMatchObject({ status: 404 });
  const service = `/api/wallet/v1/passes/${PASS_TYPE_ID}/b-${booking.id}`;
  expect(await refusalOf(await app.get(service))).toMatchObject({ status: 404 });
  expect(await (await app.get('/api/site')).json()).toMatchObject({ wallets: { apple: false, google: false } });
  // The job of an edit ends, too, and a cancellation adds none.
  await admin.must('updateEvent', { eventId: event.id, revision: 1, changes: { venue: 'Stadthalle' } });
  await alice.must('cancelBooking', { bookingId: booking.id, seats: 1, requestId: randomUUID() });
  const left = () => app.app.models.jobs.countDocuments({ kind: 'update-passes', state: { $ne: 'done' } });
  await app.clock.until(expect.poll(left).toBe(0));
  expect(await app.app.models.jobs.countDocuments({ kind: 'update-passes' })).toBe(1);
});
