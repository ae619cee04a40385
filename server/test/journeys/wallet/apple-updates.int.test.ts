import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TestApp } from '../../support/test-app.ts';
import { book, testApp } from '../../support/test-app.ts';
import { appleSettings, PASS_TYPE_ID } from '../../support/wallet/pass-keys.ts';
import { device, ownPass, passIn, seatKeys, walletWorld } from '../../support/wallet/wallet-world.ts';

const TOKEN = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);
const MINUTE_MS = 60_000;

async function registered(t: Parameters<typeof walletWorld>[0]) {
  const world = await walletWorld(t);
  const { app, alice, booking } = world;
  const phone = device(app, await ownPass(app, alice, booking.id), 'phone-1', TOKEN);
  expect((await phone.register()).status).toBe(201);
  return { ...world, phone };
}

/** The pushes to a token so far, once there are as many. */
function pushed({ clock }: Pick<TestApp, 'clock'>, pushes: readonly { token: string }[], token: string, count: number) {
  const sent = () => pushes.filter((one) => one.token === token).length;
  return clock.until(expect.poll(sent, { timeout: 15_000 }).toBe(count));
}

describe('a device with a pass', () => {
  it('registers, is registered, asks what has changed, and unregisters', async (t) => {
    const { app, phone } = await registered(t);
    expect((await phone.register()).status).toBe(200);
    expect(await app.app.models.walletPasses.countDocuments()).toBe(1);
    const listed = await phone.changed();
    expect(await listed.json()).toMatchObject({ serialNumbers: [phone.serial], lastUpdated: expect.any(String) });
    expect((await phone.unregister()).status).toBe(200);
    expect((await phone.changed()).status).toBe(204);
    expect(await app.app.models.walletPasses.countDocuments()).toBe(0);
  });

  it('is refused with the token of another pass, none, and a wrong one', async (t) => {
    const { app, alice, event, phone } = await registered(t);
    const { json } = await ownPass(app, alice, (await book(alice, event.id, 1)).id);
    const wrong = [
      { authorization: `ApplePass ${String(json['authenticationToken'])}` },
      { authorization: 'ApplePass wrong' },
      { authorization: `Bearer ${alice.token}` },
    ];
    for (const headers of wrong) {
      expect((await phone.register(headers)).status).toBe(401);
      expect((await phone.unregister(headers)).status).toBe(401);
      expect((await phone.pass(headers)).status).toBe(401);
    }
    expect(await app.app.models.walletPasses.countDocuments()).toBe(1);
    const foreign = `/api/wallet/v1/passes/pass.org.example.other/${phone.serial}`;
    const authorization = `ApplePass ${String(json['authenticationToken'])}`;
    expect((await app.get(foreign, { authorization })).status).toBe(401);
  });

  it('gets its pass with the time of the last change, and 304 while nothing has changed', async (t) => {
    const { app, admin, event, phone } = await registered(t);
    app.clock.pass(3 * MINUTE_MS);
    const first = await phone.pass();
    const modified = first.headers.get('last-modified') ?? '';
    expect((await passIn(first)).json['serialNumber']).toBe(phone.serial);
    expect((await phone.pass({ 'if-modified-since': modified })).status).toBe(304);

    await admin.must('updateEvent', { eventId: event.id, revision: 1, changes: { venue: 'Stadthalle' } });
    const second = await phone.pass({ 'if-modified-since': modified });
    expect((await passIn(second)).fields['venue']).toBe('Stadthalle');
    // An earlier change may become visible yet, so the same pass is given out again for a while.
    const early = second.headers.get('last-modified') ?? '';
    expect((await phone.pass({ 'if-modified-since': early })).status).toBe(200);
    app.clock.pass(3 * MINUTE_MS);
    const settled = (await phone.pass()).headers.get('last-modified') ?? '';
    expect(Date.parse(settled)).toBeGreaterThan(Date.parse(modified));
    expect((await phone.pass({ 'if-modified-since': settled })).status).toBe(304);
  });

  it('is pushed to after a move, and finds the pass that has changed', async (t) => {
    const { app, apns, admin, alice, event, phone } = await registered(t);
    app.clock.pass(3 * MINUTE_MS);
    const { lastUpdated } = (await (await phone.changed()).json()) as { lastUpdated: string };
    expect((await phone.changed(lastUpdated)).status).toBe(204);
    const changes = { startsAt: '2030-07-02T18:30:00.000Z', venue: 'Stadthalle' };
    await admin.must('updateEvent', { eventId: event.id, revision: 1, changes });
    await pushed(app, apns.pushes, TOKEN, 1);
    expect(apns.pushes).toEqual([
      { token: TOKEN, topic: PASS_TYPE_ID, body: '{}', sender: expect.stringContaining(PASS_TYPE_ID) },
    ]);
    const changed = (await (await phone.changed(lastUpdated)).json()) as { serialNumbers: string[] };
    expect(changed.serialNumbers).toEqual([phone.serial]);
    const { fields, json } = await passIn(await phone.pass());
    expect(fields).toMatchObject({ starts: '2030-07-02T20:30:00+02:00', venue: 'Stadthalle' });
    expect(json['relevantDate']).toBe(changes.startsAt);
    // What passes do not show is no reason to push.
    await admin.must('updateEvent', { eventId: event.id, revision: 2, changes: { totalSeats: 200 } });
    await alice.must('cancelBooking', { bookingId: phone.serial.slice(2), seats: 1, requestId: randomUUID() });
    await pushed(app, apns.pushes, TOKEN, 2);
    expect((await passIn(await phone.pass())).fields['seats']).toBe(1);
  });

  it('is pushed to when its booking is cancelled, and gets a voided pass without a code', async (t) => {
    const { app, apns, alice, booking, phone } = await registered(t);
    await alice.must('cancelBooking', { bookingId: booking.id });
    await pushed(app, apns.pushes, TOKEN, 1);
    const { json } = await passIn(await phone.pass());
    expect(json).toMatchObject({ voided: true });
    expect(json).not.toHaveProperty('barcodes');
  });

  it('is pushed to when its event is cancelled, and gets a voided pass', async (t) => {
    const { app, apns, admin, event, phone } = await registered(t);
    await admin.must('cancelEvent', { eventId: event.id, reason: 'Storm' });
    await pushed(app, apns.pushes, TOKEN, 1);
    expect((await passIn(await phone.pass())).json).toMatchObject({ voided: true });
  });

  it('is pushed to when the ticket of its seat is revoked, and gets a voided pass', async (t) => {
    const { app, apns, alice, booking } = await walletWorld(t);
    const [first = ''] = await seatKeys(app, alice, booking.id);
    const seat = await passIn(await app.get(`/api/ticket-links/${first}/ticket.pkpass`));
    const phone = device(app, seat, 'phone-2', OTHER);
    expect((await phone.register()).status).toBe(201);
    await alice.must('revokeTicket', { bookingId: booking.id, type: 't1', number: 1, issue: 0 });
    await pushed(app, apns.pushes, OTHER, 1);
    expect((await passIn(await phone.pass())).json).toMatchObject({ voided: true });
  });

  it('that Apple knows no more is forgotten; one that it could not reach is tried again', async (t) => {
    const { app, apns, admin, alice, event, phone } = await registered(t);
    const tablet = device(app, await ownPass(app, alice, phone.serial.slice(2)), 'tablet', OTHER);
    expect((await tablet.register()).status).toBe(201);
    apns.answer(TOKEN, { status: 410, reason: 'Unregistered' });
    apns.answer(OTHER, { status: 503, reason: 'ServiceUnavailable' });
    await admin.must('updateEvent', { eventId: event.id, revision: 1, changes: { venue: 'Stadthalle' } });
    await pushed(app, apns.pushes, OTHER, 2);
    const stored = await app.app.models.walletPasses.find().lean();
    expect(stored.map(({ device: name }) => name)).toEqual(['tablet']);
  });

  it('reports what it could not read into the log of the server', async (t) => {
    const lines: string[] = [];
    const world = await walletWorld(t, { env: { LOG_LEVEL: 'warn' }, log: { write: (line) => void lines.push(line) } });
    const phone = device(world.app, await ownPass(world.app, world.alice, world.booking.id), 'phone-1', TOKEN);
    expect((await phone.log('Passbook: the response was malformed')).status).toBe(200);
    expect(lines.join('')).toContain('the response was malformed');
  });

  it('is forgotten with the account of the buyer, and cannot register afterwards; the export names it', async (t) => {
    const { app, alice, booking, phone } = await registered(t);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${alice.token}` };
    const exported = (await (await app.get('/api/auth/me/export', headers)).json()) as { walletPasses: unknown };
    expect(exported.walletPasses).toEqual([{ service: 'apple', bookingId: booking.id, createdAt: expect.any(String) }]);
    await alice.must('cancelBooking', { bookingId: booking.id });
    const closing = { method: 'DELETE', headers, body: '{"password":"correct horse"}' };
    expect((await fetch(`${app.url}/api/auth/me`, closing)).ok).toBe(true);
    expect(await app.app.models.walletPasses.countDocuments()).toBe(0);
    expect((await phone.register()).status).toBe(401);
    expect(await app.app.models.walletPasses.countDocuments()).toBe(0);
  });

  it('is kept until a month after its event, also when that is moved', async (t) => {
    const { app, apns, admin, event } = await registered(t);
    const kept = async () => (await app.app.models.walletPasses.findOne().lean())?.keptUntil.toISOString();
    expect(await kept()).toBe('2030-07-31T18:00:00.000Z');
    const changes = { startsAt: '2030-08-01T18:00:00.000Z' };
    await admin.must('updateEvent', { eventId: event.id, revision: 1, changes });
    await pushed(app, apns.pushes, TOKEN, 1);
    expect(await kept()).toBe('2030-08-31T18:00:00.000Z');
  });
});

it('a push that a server could not send before it ended is sent by the next one', async (t) => {
  const { app, apns, env, admin, event, phone } = await registered(t);
  apns.answer(TOKEN, ...Array.from({ length: 3 }, () => ({ status: 503, reason: 'ServiceUnavailable' })));
  await admin.must('updateEvent', { eventId: event.id, revision: 1, changes: { venue: 'Stadthalle' } });
  // Stored with the edit itself, so that no kill can come between.
  const job = { kind: 'update-passes', key: `update-passes:${event.id}:edit-2` };
  expect(await app.app.models.jobs.countDocuments(job)).toBe(1);
  await expect.poll(() => apns.pushes.length).toBeGreaterThan(0);
  await app.close();
  const tried = apns.pushes.length;
  const { mongoUri, clock } = app;
  const next = await testApp(t, { mongoUri, clock, env, wallets: { apns: apns.test } });
  await clock.until(
    expect.poll(() => next.app.models.jobs.countDocuments({ ...job, state: 'done' }), { timeout: 15_000 }).toBe(1),
  );
  expect(apns.pushes.length).toBeGreaterThan(tried);
  expect(apns.pushes.at(-1)?.token).toBe(phone.pushToken);
});

it('a key that does not open stops the start with a sentence', async (t) => {
  const broken = appleSettings().APPLE_PASS_KEY.replace(/\n\w{10}/, '\nAAAAAAAAAA');
  const env = { ...appleSettings(), APPLE_PASS_KEY: broken };
  await expect(testApp(t, { env })).rejects.toThrow(/^APPLE_PASS_KEY cannot be read/);
});
