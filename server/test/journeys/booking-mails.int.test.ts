import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { Mailbox } from '../support/mailbox.ts';
import { mailbox } from '../support/mailbox.ts';
import type { Person, TestAppOptions } from '../support/test-app.ts';
import { eventInput, testApp, type TestApp } from '../support/test-app.ts';

const SITE = {
  MAIL_FROM: 'tickets@example.org',
  PUBLIC_URL: 'https://tickets.example.org',
  SITE_NAME: 'Kulturhaus',
  IMPRINT_URL: 'https://example.org/imprint',
  PRIVACY_URL: 'https://example.org/privacy',
};
const START = '2030-07-01T18:00:00.000Z';
const WAIT = { timeout: 20_000 };

async function world(t: Parameters<typeof testApp>[0], refuse: (address: string) => string | null = () => null) {
  const box = await mailbox(t, { refuse });
  return { box, ...(await site(t, box)) };
}

async function site(t: Parameters<typeof testApp>[0], box: Mailbox, more: TestAppOptions = {}) {
  const app = await testApp(t, { ...more, env: { ...SITE, SMTP_URL: box.url } });
  box.whileWaiting(app.clock.hurry);
  const [admin, alice, bob] = [await app.admin(), await app.register('alice'), await app.register('bob')];
  const event = (input: Partial<CommandRequest<'createEvent'>> = {}) =>
    admin.must('createEvent', eventInput({ startsAt: START, timeZone: 'Europe/Berlin', ...input }));
  return { app, admin, alice, bob, event };
}

function book(who: Person, eventId: string, seats = 2) {
  return who.must('book', { requestId: randomUUID(), eventId, seats });
}

function speakGerman(app: TestApp, who: Person) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${who.token}` };
  return fetch(`${app.url}/api/auth/me`, { method: 'PATCH', headers, body: JSON.stringify({ locale: 'de' }) });
}

/** Until no job is left to do. */
async function allDone({ app: { models }, clock }: TestApp) {
  const left = () => {
    clock.hurry();
    return models.jobs.countDocuments({ state: { $in: ['waiting', 'running'] } });
  };
  await expect.poll(left, WAIT).toBe(0);
}

const subjects = (box: Mailbox, who: Person) =>
  box.received.filter(({ to }) => to.includes(who.user.email)).map((mail) => mail.header('subject'));
const uid = (file: string) => /^UID:(\S+)/m.exec(file)?.[1];
const sequence = (file: string) => Number(/^SEQUENCE:(\d+)/m.exec(file)?.[1]);

describe('a booking', () => {
  it('is confirmed by mail, in the words of its buyer, with the way to the ticket and a calendar file', async (t) => {
    const { app, box, alice, bob, event } = await world(t);
    await speakGerman(app, bob);
    const { id } = await event();
    const [hers, his] = [await book(alice, id), await book(bob, id, 1)];
    const mail = await box.mail(alice.user.email, /^Your booking: Jazz im Hinterhof$/);
    expect(mail.text).toContain(`https://tickets.example.org/tickets/${hers.id}`);
    expect(mail.text).toContain(`Booking code: ${hers.code}`);
    expect(mail.text).toContain('Starts: Monday, 1 July 2030 at 20:00 CEST');
    expect(mail.text).toContain(
      'Kulturhaus\n\nImprint: https://example.org/imprint\n\nPrivacy: https://example.org/privacy',
    );
    expect(mail.html).toContain(`href="https://tickets.example.org/tickets/${hers.id}"`);
    expect(mail.html).toContain('<a href="https://example.org/imprint"');
    expect(uid(mail.calendar)).toBe(`booking-${hers.id}@frontrow`);
    const german = await box.mail(bob.user.email, /^Ihre Buchung: /);
    expect(german.text).toContain(`https://tickets.example.org/de/tickets/${his.id}`);
    expect(german.text).toContain('Beginn: Montag, 1. Juli 2030 um 20:00 MESZ');
  });

  it('is told once, however often its job runs, under one Message-ID', async (t) => {
    const { app, box, alice, event } = await world(t);
    const { id } = await event();
    await book(alice, id);
    const mail = await box.mail(alice.user.email, /Your booking/);
    await allDone(app);
    const { jobs, sentMails } = app.app.models;
    const again = { state: 'waiting', nextAt: new Date(0), doneAt: null } as const;
    await jobs.updateMany({ kind: 'tell-bookings' }, { $set: again });
    await allDone(app);
    expect(subjects(box, alice)).toHaveLength(2);
    // A server that died after the mail was taken and before that was written down tells it again: the same mail.
    await sentMails.deleteMany({ _id: /^confirmed:/ });
    await jobs.updateMany({ kind: 'tell-bookings' }, { $set: again });
    const twice = await box.mailsTo(alice.user.email, 3);
    expect(twice.at(-1)?.header('message-id')).toBe(mail.header('message-id'));
  });

  it('of many in one batch is told to each, by one job for all', async (t) => {
    const { app, box, event } = await world(t);
    const { id } = await event({ totalSeats: 50 });
    const people = await Promise.all(Array.from({ length: 12 }, (_, index) => app.register(`p${index}`)));
    await Promise.all(people.map((who) => book(who, id, 1)));
    for (const who of people) await box.mail(who.user.email, /Your booking/);
    await allDone(app);
    expect(await app.app.models.jobs.countDocuments({ kind: 'tell-bookings' })).toBeLessThan(people.length);
    expect(box.received.filter((mail) => /Your booking/.test(mail.header('subject')))).toHaveLength(people.length);
  });

  it('that is undone before it was told leaves nothing to tell; its cancellation is told where it was', async (t) => {
    let down = false;
    const { app, box, alice, bob, event } = await world(t, () => (down ? '451 Try again later' : null));
    const { id } = await event();
    const told = await book(bob, id);
    await box.mail(bob.user.email, /Your booking/);
    await allDone(app);
    down = true;
    const undone = await book(alice, id);
    await expect.poll(() => box.tried.filter((one) => one === alice.user.email).length, WAIT).toBeGreaterThan(1);
    await alice.must('cancelBooking', { bookingId: undone.id });
    down = false;
    await bob.must('cancelBooking', { bookingId: told.id });
    app.clock.offsetMs += 3_600_000;
    const mail = await box.mail(bob.user.email, /^Your booking was cancelled/);
    expect(mail.text).toContain('You cancelled this booking.');
    expect(mail.calendar).toContain('STATUS:CANCELLED');
    await allDone(app);
    expect(subjects(box, alice)).toEqual(['Confirm your email address']);
  });
});

describe('what becomes of seats without their buyer', () => {
  it('of some that are given back there is a mail with the ticket as it is now', async (t) => {
    const { app, box, admin, alice, event } = await world(t);
    const { id } = await event();
    const booking = await book(alice, id, 3);
    const first = await box.mail(alice.user.email, /^Your booking: /);
    await admin.must('cancelBooking', { bookingId: booking.id, seats: 1 });
    const mail = await box.mail(alice.user.email, /^Fewer seats: /);
    expect(mail.text).toContain('You now have 2 seats, and this ticket.');
    expect(mail.text).toContain(`/tickets/${booking.id}`);
    expect(sequence(mail.calendar)).toBeGreaterThan(sequence(first.calendar));
    await allDone(app);
    expect(subjects(box, alice)).toHaveLength(3);
  });

  it('of a hold that the organiser ends there is a mail, and of one that its owner lets go there is none', async (t) => {
    const { app, box, admin, alice, bob, event } = await world(t);
    await speakGerman(app, bob);
    const { id } = await event({ price: { amount: 2_000, currency: 'EUR' } });
    const [hers, his] = [await book(alice, id), await book(bob, id)];
    await alice.must('cancelBooking', { bookingId: hers.id });
    await admin.must('cancelBooking', { bookingId: his.id });
    const mail = await box.mail(bob.user.email, /^Reservierung beendet: /);
    expect(mail.text).toContain('Es wurde nichts abgebucht.');
    await allDone(app);
    expect(subjects(box, alice)).toEqual(['Confirm your email address']);
  });
});

describe('a mail server', () => {
  it('that takes no mail now is asked again later, and one that never takes an address is not', async (t) => {
    let later = true;
    const answers = new Map<string, string>();
    const { app, box, alice, bob, event } = await world(t, (address) =>
      later ? (answers.get(address) ?? null) : null,
    );
    await allDone(app);
    answers.set(alice.user.email, '451 Greylisted').set(bob.user.email, '550 No such user');
    const carol = await app.register('carol');
    const { id } = await event();
    await Promise.all([alice, bob, carol].map((who) => book(who, id, 1)));
    await box.mail(carol.user.email, /Your booking/);
    const { jobs, sentMails } = app.app.models;
    await expect.poll(() => jobs.countDocuments({ state: 'waiting', lastError: /451/ }), WAIT).toBe(1);
    await expect.poll(() => sentMails.countDocuments({ outcome: 'refused' }), WAIT).toBe(1);
    const tries = box.tried.filter((address) => address === bob.user.email).length;
    later = false;
    app.clock.offsetMs += 60_000;
    await box.mail(alice.user.email, /Your booking/);
    await allDone(app);
    expect(box.tried.filter((address) => address === bob.user.email)).toHaveLength(tries);
    expect(subjects(box, carol).filter((subject) => /Your booking/.test(subject))).toHaveLength(1);
  });

  it('that cannot be reached keeps nobody from booking; the mail comes when it can', async (t) => {
    const box = await mailbox(t);
    const gone = { url: 'smtp://127.0.0.1:1', whileWaiting: () => undefined } as unknown as Mailbox;
    const one = await site(t, gone);
    const { id } = await one.event();
    const booking = await book(one.alice, id);
    expect(booking.status).toBe('confirmed');
    await expect.poll(() => one.app.app.models.jobs.countDocuments({ lastError: /./ }), WAIT).toBeGreaterThan(0);
    // Another server on this database, with the right setting.
    const two = await testApp(t, { mongoUri: one.app.mongoUri, env: { ...SITE, SMTP_URL: box.url } });
    two.clock.offsetMs = 3_600_000;
    box.whileWaiting(two.clock.hurry);
    await box.mail(one.alice.user.email, /Your booking/);
  });
});

describe('an event', () => {
  it('that is moved tells every booker what was and what is, and moves the entry in their calendars', async (t) => {
    const { app, box, admin, alice, bob, event } = await world(t);
    const { id, revision } = await event({ title: 'Jazz & <b>Blues</b>' });
    await book(alice, id);
    const first = await box.mail(alice.user.email, /Your booking/);
    const changes = { startsAt: '2030-07-02T19:00:00.000Z', venue: 'Stadthalle' };
    await admin.must('updateEvent', { eventId: id, revision, changes });
    await book(bob, id);
    const mail = await box.mail(alice.user.email, /^Changed: Jazz & <b>Blues<\/b>$/);
    expect(mail.text).toContain('So far: Monday, 1 July 2030 at 20:00 CEST, Alte Schlosserei');
    expect(mail.text).toContain('Now: Tuesday, 2 July 2030 at 21:00 CEST, Stadthalle');
    expect(mail.html).toContain('Jazz &amp; &lt;b&gt;Blues&lt;/b&gt;');
    expect(mail.html).not.toContain('<b>');
    expect(mail.calendar).toContain('DTSTART;TZID=Europe/Berlin:20300702T210000');
    expect(uid(mail.calendar)).toBe(uid(first.calendar));
    expect(sequence(mail.calendar)).toBeGreaterThan(sequence(first.calendar));
    await box.mail(bob.user.email, /Your booking/);
    await app.app.models.jobs.updateMany({ kind: 'tell-moved' }, { $set: { state: 'waiting', nextAt: new Date(0) } });
    await allDone(app);
    expect(subjects(box, bob).filter((subject) => /^Changed/.test(subject))).toEqual([]);
    expect(subjects(box, alice).filter((subject) => /^Changed/.test(subject))).toHaveLength(1);
  });

  it('that is moved again before that was told shows what the booker knows, and where it is in the end', async (t) => {
    let down = false;
    const { app, box, admin, alice, event } = await world(t, () => (down ? '451 Try again later' : null));
    const { id, revision } = await event();
    await book(alice, id);
    await box.mail(alice.user.email, /Your booking/);
    down = true;
    await admin.must('updateEvent', { eventId: id, revision, changes: { venue: 'Stadthalle' } });
    await admin.must('updateEvent', { eventId: id, revision: revision + 1, changes: { venue: 'Stadtpark' } });
    await expect
      .poll(() => app.app.models.jobs.countDocuments({ kind: 'tell-moved', lastError: /451/ }), WAIT)
      .toBeGreaterThan(0);
    down = false;
    app.clock.offsetMs += 3_600_000;
    const mail = await box.mail(alice.user.email, /^Changed/);
    expect(mail.text).toMatch(/So far: .*, Alte Schlosserei\nNow: .*, Stadtpark/);
    await allDone(app);
    expect(subjects(box, alice).filter((subject) => /^Changed/.test(subject))).toHaveLength(1);
  });

  it('that is called off tells every booker why', async (t) => {
    const { app, box, admin, alice, bob, event } = await world(t);
    await speakGerman(app, bob);
    const { id } = await event();
    await Promise.all([book(alice, id), book(bob, id)]);
    await admin.must('cancelEvent', { eventId: id, reason: 'Storm & <i>rain</i>' });
    const mail = await box.mail(alice.user.email, /^Cancelled: Jazz im Hinterhof$/);
    expect(mail.text).toContain('The organiser says: Storm & <i>rain</i>');
    expect(mail.html).toContain('Storm &amp; &lt;i&gt;rain&lt;/i&gt;');
    expect(mail.calendar).toContain('STATUS:CANCELLED');
    const german = await box.mail(bob.user.email, /^Abgesagt: /);
    expect(german.text).toContain('Ihre Buchung ist storniert.');
  });

  it('with a title that somebody wrote into the database by hand adds no header to a mail', async (t) => {
    const { app, box, alice, event } = await world(t);
    const { id } = await event();
    const title = 'Jazz\r\nBcc: evil@example.org\r\n\r\n<script>alert(1)</script>';
    await app.app.models.events.updateOne({ _id: id }, { $set: { title } });
    await book(alice, id);
    const mail = await box.mail(alice.user.email, /Your booking/);
    expect(mail.header('subject')).toBe('Your booking: Jazz Bcc: evil@example.org <script>alert(1)</script>');
    expect(mail.header('bcc')).toBe('');
    expect(mail.to).toEqual([alice.user.email]);
    expect(mail.html).not.toContain('<script>');
    expect(mail.calendar).not.toMatch(/^Bcc/m);
  });
});

describe('an offer of the waiting list', () => {
  it('comes by mail, once, with the way to the event', async (t) => {
    const { app, box, alice, bob, event } = await world(t);
    const { id } = await event({ totalSeats: 2 });
    const booking = await book(alice, id);
    await bob.must('joinWaitlist', { requestId: randomUUID(), eventId: id, seats: 2 });
    await alice.must('cancelBooking', { bookingId: booking.id });
    const mail = await box.mail(bob.user.email, /^2 seats for you: Jazz im Hinterhof$/);
    expect(mail.text).toContain(`https://tickets.example.org/events/${id}`);
    await allDone(app);
    await app.app.models.jobs.updateMany({ kind: 'tell-offers' }, { $set: { state: 'waiting', nextAt: new Date(0) } });
    await allDone(app);
    expect(subjects(box, bob).filter((subject) => /for you/.test(subject))).toHaveLength(1);
  });

  it('is not told when it is over, and that it was missed is', async (t) => {
    let down = false;
    const { app, box, alice, bob, event } = await world(t, () => (down ? '451 Try again later' : null));
    const { id } = await event({ totalSeats: 2, offerMinutes: 10 });
    const booking = await book(alice, id);
    await bob.must('joinWaitlist', { requestId: randomUUID(), eventId: id, seats: 2 });
    await allDone(app);
    down = true;
    await alice.must('cancelBooking', { bookingId: booking.id });
    await expect
      .poll(() => app.app.models.jobs.countDocuments({ kind: 'tell-offers', lastError: /451/ }), WAIT)
      .toBe(1);
    down = false;
    app.clock.offsetMs += 3_600_000;
    const mail = await box.mail(bob.user.email, /^Offer ended: /);
    expect(mail.text).toContain('2 seats');
    await allDone(app);
    expect(subjects(box, bob).filter((subject) => /for you/.test(subject))).toEqual([]);
  });
});
