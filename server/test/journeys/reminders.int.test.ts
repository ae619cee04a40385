import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import type { Event } from '#shared/event.ts';
import type { Reminder } from '#shared/events/reminder.ts';
import { jobsDone } from '../support/jobs-done.ts';
import { pushService } from '../support/push-service.ts';
import { HOUR_MS, MINUTE_MS, reminderWorld, SITE } from '../support/reminder-world.ts';
import type { Person } from '../support/test-app.ts';
import { book, eventInput, pushed, pushesOf, refusalOf, testApp } from '../support/test-app.ts';

/** Reminders of one user that wait at a time. */
const MOST_REMINDERS = 100;
const WAIT = { timeout: 20_000 };

const remind = ({ must }: Person, { id }: Event): Promise<Reminder> => must('remindMe', { eventId: id });

function speakGerman({ url }: { url: string }, { token }: Person) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return fetch(`${url}/api/auth/me`, { method: 'PATCH', headers, body: JSON.stringify({ locale: 'de' }) });
}

describe('a reminder of the opening of a sale', () => {
  it('is mailed once, ten minutes before, in the language of the account, however often it was asked for', async (t) => {
    const { app, alice, bob, event, pass, settle, statuses, reminded, mailOf } = await reminderWorld(t);
    await speakGerman(app, bob);
    const asked = await Promise.all(Array.from({ length: 5 }, () => remind(alice, event)));
    expect(new Set(asked.map(({ version }) => version)).size).toBe(1);
    expect(asked[0]).toMatchObject({ eventId: event.id, status: 'waiting', salesOpenAt: null });
    await remind(bob, event);

    pass(49 * MINUTE_MS);
    await settle();
    expect(reminded(), 'eleven minutes before').toEqual([]);

    pass(MINUTE_MS);
    const mail = await mailOf(alice);
    expect(mail.header('subject')).toBe(`The sale opens soon: ${event.title}`);
    expect(mail.text).toMatch(/You asked us to remind you: the sale opens on .*\d\d:\d\d CET/);
    expect(mail.text).toContain(`https://tickets.example.org/events/${event.id}`);
    const german = await mailOf(bob);
    expect(german.header('subject')).toBe(`Der Verkauf beginnt gleich: ${event.title}`);
    expect(german.text).toMatch(/Der Verkauf beginnt am .*\d\d:\d\d MEZ/);
    expect(german.text).toContain(`https://tickets.example.org/de/events/${event.id}`);

    await expect.poll(() => statuses(alice)).toEqual(['sent']);
    expect(await remind(alice, event), 'asked once more').toMatchObject({
      status: 'sent',
      salesOpenAt: event.salesOpenAt,
    });
    pass(5 * MINUTE_MS);
    await settle();
    expect(reminded()).toHaveLength(2);
  });

  it('follows an opening that is postponed or brought forward', async (t) => {
    const { alice, bob, event, edit, in_, pass, settle, reminded, mailOf } = await reminderWorld(t);
    await remind(alice, event);
    await edit({ salesOpenAt: in_(3 * HOUR_MS) });
    pass(HOUR_MS);
    await remind(bob, event);
    await settle();
    expect(reminded(), 'the first opening has passed').toEqual([]);
    await edit({ salesOpenAt: in_(5 * MINUTE_MS) });
    await mailOf(alice);
    await mailOf(bob);
    await settle();
    expect(reminded()).toHaveLength(2);
  });

  it('says that the sale is open where an edit has opened it at once', async (t) => {
    const { alice, event, edit, mailOf } = await reminderWorld(t);
    await remind(alice, event);
    await edit({ salesOpenAt: null });
    const mail = await mailOf(alice);
    expect(mail.header('subject')).toBe(`The sale is open: ${event.title}`);
  });

  it('waits again where the opening is postponed while the mail server takes no mail', async (t) => {
    let isDown = true;
    const refuse = () => (isDown ? '451 Try again later' : null);
    const { box, alice, event, edit, in_, pass, settle, statuses, reminded, mailOf, app } = await reminderWorld(t, {
      refuse,
    });
    await remind(alice, event);
    const triedBefore = box.tried.length;
    pass(55 * MINUTE_MS);
    await expect.poll(async () => (app.clock.hurry(), statuses(alice)), WAIT).toEqual(['queued']);
    await expect.poll(() => (app.clock.hurry(), box.tried.length), WAIT).toBeGreaterThan(triedBefore);
    await edit({ salesOpenAt: in_(24 * HOUR_MS) });
    isDown = false;
    await expect.poll(async () => (pass(20_000), statuses(alice)), WAIT).toEqual(['waiting']);
    await settle();
    expect(reminded()).toEqual([]);
    pass(24 * HOUR_MS - 5 * MINUTE_MS);
    await mailOf(alice);
    await settle();
    expect(reminded()).toHaveLength(1);
  });

  it('comes once although the opening is moved afterwards, and again for those who ask again', async (t) => {
    const { alice, bob, event, edit, in_, pass, settle, reminded, mailOf, app } = await reminderWorld(t);
    await remind(alice, event);
    await remind(bob, event);
    pass(51 * MINUTE_MS);
    await mailOf(alice);
    await mailOf(bob);
    await settle();
    const { salesOpenAt } = await edit({ salesOpenAt: in_(2 * HOUR_MS) });
    expect(await remind(alice, event)).toMatchObject({ status: 'waiting', salesOpenAt: null });
    pass(HOUR_MS + 55 * MINUTE_MS);
    await expect.poll(() => (app.clock.hurry(), reminded(alice).length), WAIT).toBe(2);
    await settle();
    expect(reminded(bob)).toHaveLength(1);
    expect(await alice.must('listReminders', {})).toMatchObject({ reminders: [{ status: 'sent', salesOpenAt }] });
  });

  it('is not mailed after it was taken back, nor to a user who has a booking, nor for a cancelled event', async (t) => {
    const { app, box, admin, alice, bob, event, edit, in_, pass, settle, statuses, reminded } = await reminderWorld(t);
    const carol = await app.register('carol');
    await edit({ salesOpenAt: null });
    await book(bob, event.id, 1);
    await edit({ salesOpenAt: in_(HOUR_MS) });
    await box.mail(bob.user.email, /^Your booking/);
    const other = await admin.must('createEvent', eventInput({ salesOpenAt: in_(HOUR_MS) }));
    for (const person of [alice, bob]) await remind(person, event);
    await remind(carol, other);
    expect(await alice.must('forgetReminder', { eventId: event.id })).toMatchObject({ status: 'ended' });
    await admin.must('cancelEvent', { eventId: other.id, reason: 'Storm' });
    pass(55 * MINUTE_MS);
    await settle();
    for (const person of [alice, bob, carol])
      await expect.poll(() => (app.clock.hurry(), statuses(person)), WAIT).toEqual(['ended']);
    expect(reminded()).toEqual([]);
  });

  it('is kept while its event is a draft, and ends with an event that is deleted', async (t) => {
    const { app, alice, bob, admin, event, edit, in_, pass, settle, statuses, reminded, mailOf } =
      await reminderWorld(t);
    const deleted = await admin.must('createEvent', eventInput({ salesOpenAt: in_(HOUR_MS) }));
    await remind(alice, event);
    await remind(bob, deleted);
    await edit({ status: 'draft' });
    await app.app.models.events.deleteOne({ _id: deleted.id });
    pass(55 * MINUTE_MS);
    await settle();
    expect(reminded()).toEqual([]);
    await expect.poll(() => (app.clock.hurry(), statuses(bob)), WAIT).toEqual(['ended']);
    expect(await statuses(alice)).toEqual(['waiting']);
    await edit({ status: 'published' });
    await mailOf(alice);
  });

  it('is mailed by one of two servers, and a job that runs again mails it to no user twice', async (t) => {
    const { app, box, alice, bob, event, pass, reminded, mailOf } = await reminderWorld(t);
    await testApp(t, { mongoUri: app.mongoUri, clock: app.clock, env: { ...SITE, SMTP_URL: box.url } });
    await remind(alice, event);
    await remind(bob, event);
    pass(52 * MINUTE_MS);
    await mailOf(alice);
    await mailOf(bob);
    await jobsDone(app);
    const { jobs, reminders } = app.app.models;
    // As a server leaves them that was killed after the mails, before it could note that they were sent.
    await reminders.updateMany({}, { $set: { status: 'queued', doneAt: null } });
    await jobs.updateMany({ kind: 'tell-reminders' }, { $set: { state: 'waiting' } });
    await jobsDone(app, { passMs: 500 });
    expect(await reminders.countDocuments({ status: 'sent' })).toBe(2);
    expect(reminded()).toHaveLength(2);
  });

  it('is pushed to the devices of the user as well', async (t) => {
    const service = await pushService(t);
    const { app, alice, event, pass, settle, reminded, mailOf } = await reminderWorld(t, { pushAgent: service.agent });
    const phone = service.browser(500, 201);
    const headers = { authorization: `Bearer ${alice.token}` };
    expect((await app.post('/api/push/subscriptions', phone.subscription, headers)).status).toBe(204);
    await remind(alice, event);
    pass(55 * MINUTE_MS);
    await mailOf(alice);
    await jobsDone(app, { passMs: 1_000 });
    await settle();
    const messages = phone.deliveries().map(phone.read);
    expect(messages, 'tried again after a failure').toHaveLength(2);
    expect(messages[1]).toMatchObject({
      kind: 'reminder',
      title: 'The sale opens soon',
      body: expect.stringContaining(event.title),
      url: `/events/${event.id}`,
      tag: `reminder-${event.id}`,
    });
    expect(reminded()).toHaveLength(1);
  });
});

describe('asking for a reminder', () => {
  it('is refused for a sale that is open or over, and for events that are cancelled, hidden or unknown', async (t) => {
    const { app, admin, alice, event, edit, pass } = await reminderWorld(t);
    const open = await admin.must('createEvent', eventInput());
    const draft = await admin.must(
      'createEvent',
      eventInput({ status: 'draft', salesOpenAt: event.salesOpenAt ?? '' }),
    );
    const refused = async (eventId: string) => {
      const reply = await alice.send('remindMe', { eventId });
      return reply.ok ? null : [reply.error.code, reply.error.details?.['reason']];
    };
    expect(await refused(open.id)).toEqual(['INVALID_STATE', 'open']);
    for (const id of [draft.id, new Types.ObjectId().toHexString()])
      expect(await refused(id)).toEqual(['NOT_FOUND', undefined]);
    expect(await refused('nonsense')).toEqual(['INVALID_INPUT', undefined]);
    await edit({ salesCloseAt: new Date(app.clock.now().getTime() + 2 * HOUR_MS).toISOString() });
    pass(HOUR_MS);
    expect(await refused(event.id)).toEqual(['INVALID_STATE', 'open']);
    pass(HOUR_MS);
    expect(await refused(event.id)).toEqual(['INVALID_STATE', 'closed']);
    await admin.must('cancelEvent', { eventId: event.id, reason: 'Storm' });
    expect(await refused(event.id)).toEqual(['INVALID_STATE', 'cancelled']);
    expect(await alice.send('forgetReminder', { eventId: event.id })).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it('is refused beyond a hundred that wait', async (t) => {
    // Copies of an event have no ledger.
    const { app, alice, event } = await reminderWorld(t, { expectsAgreement: false });
    const fields = { version: 1, status: 'waiting', round: 0, salesOpenAt: null, doneAt: null, createdAt: new Date() };
    const others = Array.from({ length: MOST_REMINDERS }, () => ({
      userId: new Types.ObjectId(alice.user.id),
      eventId: new Types.ObjectId(event.id),
      ...fields,
    }));
    const { reminders, events } = app.app.models;
    // Drafts, so that no sweep ends them.
    for (const other of others) {
      const copy = await events.findById(event.id).lean();
      const { insertedId } = await events.collection.insertOne({
        ...copy,
        _id: new Types.ObjectId(),
        status: 'draft',
        requestId: null,
      } as never);
      other.eventId = insertedId as unknown as Types.ObjectId;
    }
    await reminders.insertMany(others);
    const reply = await alice.send('remindMe', { eventId: event.id });
    expect(reply).toMatchObject({ error: { code: 'LIMIT_EXCEEDED', details: { limit: MOST_REMINDERS } } });
  });

  it('shows on the other connections of the user, on each server, and on those of no other user', async (t) => {
    const { app, alice, bob, event } = await reminderWorld(t);
    const elsewhere = await testApp(t, { mongoUri: app.mongoUri, clock: app.clock });
    const tablet = elsewhere.open('/booking', alice.token);
    const his = pushesOf(bob.socket, 'reminderChanged');
    await new Promise<void>((resolve) => {
      tablet.once('welcome', () => resolve());
      tablet.connect();
    });
    const shown = pushed(tablet, 'reminderChanged', ({ status }) => status === 'waiting');
    const reply = await remind(alice, event);
    expect(await shown).toEqual(reply);
    const gone = pushed(tablet, 'reminderChanged', ({ status }) => status === 'ended');
    const ended = await alice.must('forgetReminder', { eventId: event.id });
    expect(await gone).toEqual(ended);
    expect(ended.version).toBeGreaterThan(reply.version);
    const again = await remind(alice, event);
    expect(again.version).toBeGreaterThan(ended.version);
    expect(await bob.must('listReminders', {})).toEqual({ reminders: [] });
    expect(his).toEqual([]);
  });

  it('counts in the figures that organisers see, live', async (t) => {
    const { admin, alice, bob, event } = await reminderWorld(t);
    const count = async () => (await admin.must('eventStats', { eventId: event.id })).reminders;
    expect(await count()).toBe(0);
    const two = pushed(admin.socket, 'salesChanged', ({ changes }) => changes.some(({ reminders }) => reminders === 2));
    await remind(alice, event);
    await remind(bob, event);
    await two;
    await bob.must('forgetReminder', { eventId: event.id });
    expect(await count()).toBe(1);
  });

  it('works over HTTP for pages without scripts', async (t) => {
    const { app, alice, event } = await reminderWorld(t);
    const headers = { authorization: `Bearer ${alice.token}` };
    const asked = await app.post('/api/reminders', { eventId: event.id }, headers);
    expect([asked.status, await asked.json()]).toEqual([200, expect.objectContaining({ status: 'waiting' })]);
    const ended = await app.post('/api/reminders/forget', { eventId: event.id }, headers);
    expect([ended.status, await ended.json()]).toEqual([200, expect.objectContaining({ status: 'ended' })]);
    expect(await refusalOf(await app.post('/api/reminders', { eventId: event.id }))).toMatchObject({ status: 401 });
  });
});

describe('the link in the mail of a reminder', () => {
  it('ends all reminders that wait by one request of the mail program (RFC 8058), and none when it is opened', async (t) => {
    const { app, admin, alice, bob, event, in_, pass, settle, mailOf } = await reminderWorld(t);
    const later = await admin.must('createEvent', eventInput({ salesOpenAt: in_(10 * HOUR_MS) }));
    for (const person of [alice, bob]) for (const one of [event, later]) await remind(person, one);
    pass(55 * MINUTE_MS);
    const mail = await mailOf(alice);
    expect(mail.header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    const address = /^<(https:\S+)>$/.exec(mail.header('list-unsubscribe') ?? '')?.[1] ?? '';
    const { origin, pathname } = new URL(address);
    expect(origin).toBe('https://tickets.example.org');
    expect(mail.text).toContain(`https://tickets.example.org/reminders/${pathname.split('/').at(-1)}`);
    await settle();

    const open = async (who: Person) =>
      (await who.must('listReminders', {})).reminders.filter(({ status }) => status === 'waiting').length;
    const opened = await fetch(app.url + pathname, { redirect: 'manual' });
    expect([opened.status, opened.headers.get('location')]).toEqual([303, `/reminders/${pathname.split('/').at(-1)}`]);
    const altered = pathname.slice(0, -1) + (pathname.endsWith('A') ? 'B' : 'A');
    expect((await oneClick(app.url + altered)).status).toBe(404);
    expect([await open(alice), await open(bob)]).toEqual([1, 1]);

    for (const time of [1, 2]) expect((await oneClick(app.url + pathname)).status, `time ${time}`).toBe(204);
    expect([await open(alice), await open(bob)]).toEqual([0, 1]);
    expect(await remind(alice, later), 'a later wish counts').toMatchObject({ status: 'waiting' });
  });
});

/** What a mail program sends when its reader presses "unsubscribe". */
function oneClick(url: string): Promise<Response> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return fetch(url, { method: 'POST', headers, body: 'List-Unsubscribe=One-Click' });
}

describe('the reminders of an account', () => {
  it('are in its export, and are deleted with it', async (t) => {
    const { app, alice, event, pass, settle, reminded } = await reminderWorld(t);
    const reminder = await remind(alice, event);
    const headers = { authorization: `Bearer ${alice.token}` };
    const exported = (await (await app.get('/api/auth/me/export', headers)).json()) as { reminders: unknown };
    expect(exported.reminders).toEqual([reminder]);
    const closed = await fetch(`${app.url}/api/auth/me`, {
      method: 'DELETE',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ password: 'correct horse' }),
    });
    expect(closed.status).toBe(204);
    expect(await app.app.models.reminders.countDocuments()).toBe(0);
    pass(55 * MINUTE_MS);
    await settle();
    expect(reminded()).toEqual([]);
  });
});
