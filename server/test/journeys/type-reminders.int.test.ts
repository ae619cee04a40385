import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { bookTickets } from '../support/payments/typed-event.ts';
import { pushService } from '../support/push-service.ts';
import { HOUR_MS, MINUTE_MS, reminderWorld } from '../support/reminder-world.ts';
import type { Person } from '../support/test-app.ts';
import { eventInput, pushed } from '../support/test-app.ts';

const WAIT = { timeout: 20_000 };
const FREE = { amount: 0, currency: 'EUR' };
const VIP = { eventId: '', ticketType: 't2' };

/** An event that is on sale, with a type that opens in an hour: `t2`, named VIP. */
async function typeWorld(t: Parameters<typeof reminderWorld>[0], options: Parameters<typeof reminderWorld>[1] = {}) {
  const world = await reminderWorld(t, options);
  const { admin, in_ } = world;
  const typesWith = (vip: object = {}) => [
    { name: 'Regular', price: FREE },
    { name: 'VIP', price: FREE, salesFrom: in_(HOUR_MS), ...vip },
  ];
  const created = eventInput({ timeZone: 'Europe/Berlin', ticketTypes: typesWith() });
  const { id: eventId } = await admin.must('createEvent', created);
  let revision = 1;
  async function edit(changes: Parameters<typeof world.edit>[0]): Promise<void> {
    await admin.must('updateEvent', { eventId, revision, changes });
    revision += 1;
  }
  return {
    ...world,
    eventId,
    edit,
    /** Edits the type that opens later. */
    editVip: (vip: object) => edit({ ticketTypes: typesWith(vip).map((type, at) => ({ ...type, id: `t${at + 1}` })) }),
    remindVip: ({ must }: Person) => must('remindMe', { ...VIP, eventId }),
  };
}

describe('a reminder of the opening of a ticket type', () => {
  it('is mailed once, ten minutes before its window opens, with its name, in the language of the account', async (t) => {
    const { app, alice, bob, eventId, remindVip, pass, settle, statuses, reminded, mailOf } = await typeWorld(t);
    await fetch(`${app.url}/api/auth/me`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bob.token}` },
      body: JSON.stringify({ locale: 'de' }),
    });
    const asked = await Promise.all(Array.from({ length: 5 }, () => remindVip(alice)));
    expect(new Set(asked.map(({ version }) => version)).size).toBe(1);
    expect(asked[0]).toMatchObject({ eventId, ticketType: 't2', status: 'waiting', salesOpenAt: null });
    await remindVip(bob);

    pass(49 * MINUTE_MS);
    await settle();
    expect(reminded(), 'eleven minutes before').toEqual([]);

    pass(MINUTE_MS);
    const mail = await mailOf(alice);
    expect(mail.header('subject')).toBe('“VIP” opens soon: Jazz im Hinterhof');
    expect(mail.text).toMatch(/tickets of the type “VIP” are sold from .*\d\d:\d\d CET/);
    expect(mail.text).toContain(`https://tickets.example.org/events/${eventId}`);
    const german = await mailOf(bob);
    expect(german.header('subject')).toBe('Gleich im Verkauf: „VIP“, Jazz im Hinterhof');
    expect(german.text).toMatch(/Der Verkauf von „VIP“ beginnt am .*\d\d:\d\d MEZ/);
    await expect.poll(() => statuses(alice)).toEqual(['sent']);
    expect(await remindVip(alice), 'asked once more').toMatchObject({ status: 'sent' });
    pass(5 * MINUTE_MS);
    await settle();
    expect(reminded()).toHaveLength(2);
  });

  it('follows a window that is postponed or brought forward, and says so where an edit has opened it', async (t) => {
    const { alice, bob, editVip, in_, remindVip, pass, settle, reminded, mailOf } = await typeWorld(t);
    await remindVip(alice);
    await editVip({ salesFrom: in_(3 * HOUR_MS) });
    pass(HOUR_MS);
    await remindVip(bob);
    await settle();
    expect(reminded(), 'the first opening has passed').toEqual([]);
    await editVip({ salesFrom: in_(5 * MINUTE_MS) });
    expect((await mailOf(alice)).header('subject')).toMatch(/^“VIP” opens soon/);
    await mailOf(bob);
    await settle();
    expect(reminded()).toHaveLength(2);

    await editVip({ salesFrom: in_(HOUR_MS) });
    expect(await remindVip(alice), 'asked again for another opening').toMatchObject({ status: 'waiting' });
    await editVip({ salesFrom: null });
    await expect.poll(() => reminded(alice).length, WAIT).toBe(2);
    expect(reminded(alice)[1]?.header('subject')).toBe('“VIP” is on sale: Jazz im Hinterhof');
  });

  it('waits for the sale of its event, where that opens later', async (t) => {
    const { alice, edit, in_, remindVip, pass, settle, reminded, mailOf } = await typeWorld(t);
    await remindVip(alice);
    await edit({ salesOpenAt: in_(5 * HOUR_MS) });
    pass(55 * MINUTE_MS);
    await settle();
    expect(reminded()).toEqual([]);
    pass(4 * HOUR_MS);
    expect((await mailOf(alice)).text).toContain('“VIP”');
  });

  it('is another one than that of the event and of other types: each comes by itself', async (t) => {
    const { alice, eventId, edit, in_, remindVip, pass, settle, statuses, reminded } = await typeWorld(t);
    await edit({ salesOpenAt: in_(30 * MINUTE_MS) });
    const ofEvent = await alice.must('remindMe', { eventId });
    expect(ofEvent).not.toHaveProperty('ticketType');
    await remindVip(alice);
    expect((await alice.must('listReminders', {})).reminders.map(({ ticketType }) => ticketType)).toEqual([
      undefined,
      't2',
    ]);
    pass(21 * MINUTE_MS);
    await expect.poll(() => reminded(alice).length, WAIT).toBe(1);
    await settle();
    expect(await statuses(alice)).toEqual(['sent', 'waiting']);
    expect(await alice.must('forgetReminder', { eventId, ticketType: 't2' })).toMatchObject({ status: 'ended' });
    pass(HOUR_MS);
    await settle();
    expect(reminded().map((mail) => mail.header('subject'))).toEqual(['The sale opens soon: Jazz im Hinterhof']);
  });

  it('comes although its user has other tickets of the event, and not with tickets of the type', async (t) => {
    const { alice, bob, eventId, editVip, in_, remindVip, pass, settle, statuses, reminded } = await typeWorld(t);
    await bookTickets(alice, eventId, { t1: 1 });
    await remindVip(alice);
    await editVip({ salesFrom: null });
    await bookTickets(bob, eventId, { t2: 1 });
    await expect.poll(() => reminded(alice).length, WAIT).toBe(1);
    await editVip({ salesFrom: in_(HOUR_MS) });
    await remindVip(bob);
    pass(55 * MINUTE_MS);
    await expect.poll(() => statuses(bob), WAIT).toEqual(['ended']);
    await settle();
    expect(reminded(bob)).toEqual([]);
  });

  it('waits while its type is hidden or archived, and ends with a type that is removed', async (t) => {
    const { app, alice, eventId, edit, editVip, in_, remindVip, pass, settle, statuses, reminded, mailOf } =
      await typeWorld(t);
    await remindVip(alice);
    await editVip({ access: 'voucher' });
    pass(55 * MINUTE_MS);
    await settle();
    expect([reminded(), await statuses(alice)]).toEqual([[], ['waiting']]);
    await editVip({ salesFrom: in_(5 * MINUTE_MS) });
    await mailOf(alice);
    await settle();
    expect(reminded()).toHaveLength(1);

    await editVip({ salesFrom: in_(HOUR_MS) });
    await remindVip(alice);
    await edit({ ticketTypes: [{ id: 't1', name: 'Regular', price: FREE }] });
    const stored = await app.app.models.events.findById(eventId).orFail();
    expect(
      stored.ticketTypes.map(({ id }) => id),
      'the type was never booked',
    ).toEqual(['t1']);
    await expect.poll(() => (app.clock.hurry(), statuses(alice)), WAIT).toEqual(['ended']);
  });

  it('is pushed to devices beside that of the event, with the name of the type', async (t) => {
    const service = await pushService(t);
    const { app, alice, eventId, remindVip, pass, mailOf } = await typeWorld(t, { pushAgent: service.agent });
    const phone = service.browser(201);
    const headers = { authorization: `Bearer ${alice.token}` };
    expect((await app.post('/api/push/subscriptions', phone.subscription, headers)).status).toBe(204);
    await remindVip(alice);
    pass(55 * MINUTE_MS);
    await mailOf(alice);
    await expect.poll(() => (app.clock.hurry(), phone.deliveries().length), WAIT).toBe(1);
    expect(phone.deliveries().map(phone.read)).toMatchObject([
      { kind: 'reminder', body: expect.stringContaining('Jazz im Hinterhof, VIP, '), tag: `reminder-${eventId}-t2` },
    ]);
  });

  it('is found by the sweep where the reminders of an earlier version have no type', async (t) => {
    const { app, alice, event, eventId, remindVip, pass, mailOf, reminded } = await typeWorld(t);
    await remindVip(alice);
    await alice.must('remindMe', { eventId: event.id });
    const ofEvents = { ticketType: null };
    const { modifiedCount } = await app.app.models.reminders.updateMany(ofEvents, { $unset: { ticketType: 1 } });
    expect(modifiedCount).toBe(1);
    expect(await alice.must('remindMe', { eventId: event.id }), 'the stored one').toMatchObject({ status: 'waiting' });
    expect(await app.app.models.reminders.countDocuments()).toBe(2);
    pass(55 * MINUTE_MS);
    await mailOf(alice);
    await expect.poll(() => reminded(alice).length, WAIT).toBe(2);
    expect(eventId).not.toBe(event.id);
  });
});

describe('asking for a reminder of a ticket type', () => {
  it('is refused for a type that is open, over, archived, hidden or unknown, and for events without it', async (t) => {
    const { alice, admin, in_, eventId, editVip, edit } = await typeWorld(t);
    const refused = async (ticketType: string, of = eventId) => {
      const reply = await alice.send('remindMe', { eventId: of, ticketType });
      return reply.ok ? null : [reply.error.code, reply.error.details?.['reason']];
    };
    expect(await refused('t1')).toEqual(['INVALID_STATE', 'open']);
    for (const type of ['t3', 't99']) expect(await refused(type)).toEqual(['NOT_FOUND', undefined]);
    for (const type of ['VIP', 't0', '']) expect(await refused(type)).toEqual(['INVALID_INPUT', undefined]);
    expect(await refused('t2', new Types.ObjectId().toHexString())).toEqual(['NOT_FOUND', undefined]);
    await editVip({ access: 'voucher' });
    expect(await refused('t2'), 'as if there were none').toEqual(['NOT_FOUND', undefined]);
    await editVip({ salesFrom: null, salesUntil: in_(-1_000) });
    expect(await refused('t2')).toEqual(['INVALID_STATE', 'closed']);
    await editVip({});
    await edit({ salesOpenAt: in_(2 * HOUR_MS) });
    expect(await refused('t1'), 'the event opens later').toBeNull();
    await admin.must('cancelEvent', { eventId, reason: 'Storm' });
    expect(await refused('t2')).toEqual(['INVALID_STATE', 'cancelled']);
  });

  it('shows on the other connections of the user, over HTTP too, and counts in the figures of the event', async (t) => {
    const { app, admin, alice, eventId, remindVip } = await typeWorld(t);
    const shown = pushed(alice.socket, 'reminderChanged', ({ status }) => status === 'waiting');
    const reply = await remindVip(alice);
    expect(await shown).toEqual(reply);
    expect(await admin.must('eventStats', { eventId })).toMatchObject({ reminders: 1 });
    const headers = { authorization: `Bearer ${alice.token}` };
    const ended = await app.post('/api/reminders/forget', { ...VIP, eventId }, headers);
    expect([ended.status, await ended.json()]).toEqual([
      200,
      expect.objectContaining({ status: 'ended', ticketType: 't2' }),
    ]);
    const again = await app.post('/api/reminders', { ...VIP, eventId }, headers);
    expect(await again.json()).toMatchObject({ status: 'waiting', ticketType: 't2' });
  });
});
