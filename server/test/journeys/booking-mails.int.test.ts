import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { groupedCode } from '#shared/text/grouped-code.ts';
import { describe, expect, it } from 'vitest';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import { sequenceOf, uidOf } from '../support/calendar-fields.ts';
import { jobsDone } from '../support/jobs-done.ts';
import type { Mailbox } from '../support/mailbox.ts';
import { mailbox } from '../support/mailbox.ts';
import { CARD, useCard } from '../support/payments/demo-payments.ts';
import { codeInImage, textOfPdf } from '../support/read-ticket.ts';
import type { AttachedFile } from '../support/received-mail.ts';
import { bookTickets, fourTypes, tickets, voucherOf } from '../support/payments/typed-event.ts';
import type { Person, TestAppOptions } from '../support/test-app.ts';
import { book, eventInput, testApp, type TestApp } from '../support/test-app.ts';
import { plainPicture, upload } from '../support/uploads.ts';

const SITE = {
  MAIL_FROM: 'tickets@example.org',
  PUBLIC_URL: 'https://tickets.example.org',
  SITE_NAME: 'Kulturhaus',
  IMPRINT_URL: 'https://example.org/imprint',
  PRIVACY_URL: 'https://example.org/privacy',
};
const START = '2030-07-01T18:00:00.000Z';
const WAIT = { timeout: 20_000 };

async function mailWorld(t: Parameters<typeof testApp>[0], refuse: (address: string) => string | null = () => null) {
  const box = await mailbox(t, { refuse });
  return { box, ...(await siteWith(t, box)) };
}

async function siteWith(t: Parameters<typeof testApp>[0], box: Mailbox, more: TestAppOptions = {}) {
  const app = await testApp(t, { ...more, env: { ...SITE, SMTP_URL: box.url } });
  box.whileWaiting(app.clock.hurry);
  const [admin, alice, bob] = [await app.admin(), await app.register('alice'), await app.register('bob')];
  const event = (input: Partial<CommandRequest<'createEvent'>> = {}) =>
    admin.must('createEvent', eventInput({ startsAt: START, timeZone: 'Europe/Berlin', ...input }));
  return { app, admin, alice, bob, event };
}

function speakGerman(app: TestApp, who: Person) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${who.token}` };
  return fetch(`${app.url}/api/auth/me`, { method: 'PATCH', headers, body: JSON.stringify({ locale: 'de' }) });
}

/** Pays on the demo page, whose address is that of the public host. */
async function pay({ url }: TestApp, { must }: Person, bookingId: string): Promise<void> {
  const checkout = await must('checkout', { bookingId });
  await useCard({ url: new URL(new URL(checkout.url).pathname, url).href }, CARD.pays);
}

describe('a booking of a sample event', () => {
  it('says in each reply and mail that the event is one, until an organiser edits it', async (t) => {
    const { app, box, admin, alice, bob, event } = await mailWorld(t);
    await speakGerman(app, bob);
    const { id, revision } = await event({ totalSeats: 2 });
    await app.app.models.events.updateOne({ _id: id }, { $set: { sample: true } });
    await expect.poll(async () => (await alice.must('getEvent', { eventId: id })).sample).toBe(true);
    const first = await book(alice, id);
    expect(first.event.sample).toBe(true);
    // A booking that is cancelled before its confirmation gets no mail at all.
    await box.mail(alice.user.email, /^Your booking: /);
    await bob.must('joinWaitlist', { requestId: randomUUID(), eventId: id, seats: 2 });
    expect((await alice.must('cancelBooking', { bookingId: first.id })).event.sample).toBe(true);
    await box.mail(bob.user.email, /^2 Plätze für Sie/);
    await box.mail(alice.user.email, /^Your booking was cancelled/);
    const afterGreeting = (mail: { text: string }) => mail.text.split('\n\n')[1];
    const toAlice = await box.mailsTo(alice.user.email, 3);
    expect(toAlice.filter(({ text }) => text.includes('Jazz')).map(afterGreeting)).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining('This is a sample event')),
    );
    const toBob = await box.mailsTo(bob.user.email, 2);
    expect(toBob.map(afterGreeting)).toContainEqual(expect.stringContaining('Dies ist ein Beispiel'));

    const changes = { description: 'A real one' };
    await admin.must('updateEvent', { eventId: id, revision, changes });
    expect((await alice.must('listBookings', {})).bookings[0]?.event.sample).toBeUndefined();
    await admin.must('cancelEvent', { eventId: id, reason: 'Rain' });
    expect((await box.mail(bob.user.email, /^Abgesagt/)).text).not.toContain('Beispiel');
  });

  it('says so in the mail to those on its waiting list when it is cancelled', async (t) => {
    const { app, box, admin, alice, bob, event } = await mailWorld(t);
    const { id } = await event({ totalSeats: 2 });
    await app.app.models.events.updateOne({ _id: id }, { $set: { sample: true } });
    await book(alice, id);
    await bob.must('joinWaitlist', { requestId: randomUUID(), eventId: id, seats: 2 });
    await admin.must('cancelEvent', { eventId: id, reason: 'Rain' });
    for (const { user } of [alice, bob])
      expect((await box.mail(user.email, /^Cancelled/)).text).toContain('This is a sample event');
  });
});

describe('a booking of several ticket types', () => {
  it('is confirmed with each type, its number and price, and the receipt of a part names what is left', async (t) => {
    const { app, box, alice, event } = await mailWorld(t);
    const { id: eventId } = await event({ ticketTypes: fourTypes() });
    const { id: bookingId, code } = await bookTickets(alice, eventId, { t1: 2, t2: 1, t4: 1 });
    await pay(app, alice, bookingId);
    const confirmed = await box.mail(alice.user.email, /^Your booking: /);
    const lines = 'Tickets: 2 × Adult (€40.00), 1 × Child (€12.50), 1 × Parking (€5.00)\nTotal: €57.50';
    expect(confirmed.text).toContain(`${lines}\nBooking code: ${groupedCode(code)}\nPaid: €57.50`);
    expect(confirmed.calendar.replaceAll(/\r?\n /g, '')).toContain('2 × Adult\\, 1 × Child\\, 1 × Parking');

    await alice.must('cancelBooking', { bookingId, requestId: randomUUID(), tickets: tickets({ t4: 1 }) });
    const fewer = await box.mail(alice.user.email, /^Fewer tickets: /);
    expect(fewer.text).toContain('It is now for 2 × Adult, 1 × Child.');
    expect(fewer.text).toContain('You get back what the cancelled tickets cost.');
    const refunded = await box.mail(alice.user.email, /^Refund: /);
    expect(refunded.text).toContain('We have refunded €5.00');
    expect(refunded.text).toContain('Tickets: 2 × Adult (€40.00), 1 × Child (€12.50)\nTotal: €52.50\n');
  });

  it('is offered from the waiting list by its types, in the buyer’s language', async (t) => {
    const { app, box, alice, bob, event } = await mailWorld(t);
    await speakGerman(app, bob);
    const { id: eventId } = await event({ ticketTypes: fourTypes([0, 0, 0, 0]), totalSeats: 2 });
    const { id: bookingId } = await bookTickets(alice, eventId, { t1: 2 });
    await box.mail(alice.user.email, /^Your booking: /);
    const wanted = { requestId: randomUUID(), eventId, tickets: tickets({ t1: 1, t2: 1 }) };
    await bob.must('joinWaitlist', wanted);
    await alice.must('cancelBooking', { bookingId });
    const offer = await box.mail(bob.user.email, /^1 × Adult, 1 × Child für Sie/);
    expect(offer.text).toContain('1 × Adult, 1 × Child');
    expect(offer.text).not.toContain('Plätze für Sie');
  });
});

describe('a booking with a voucher', () => {
  it.for([
    [
      'en',
      'Tickets: 2 × Adult (€26.80, €13.20 off), 1 × Child (€8.37, €4.13 off), 1 × Parking (€5.00)',
      'Voucher: FRIENDS',
      'Total: €40.17',
      'Tickets: 2 × Adult (€26.80, €13.20 off)\nVoucher: FRIENDS\nTotal: €26.80\n',
    ],
    [
      'de',
      'Tickets: 2 × Adult (26,80 €, 13,20 € Nachlass), 1 × Child (8,37 €, 4,13 € Nachlass), 1 × Parking (5,00 €)',
      'Gutschein: FRIENDS',
      'Gesamt: 40,17 €',
      'Tickets: 2 × Adult (26,80 €, 13,20 € Nachlass)\nGutschein: FRIENDS\nGesamt: 26,80 €\n',
    ],
  ] as const)('is confirmed with each price, what it took off, and the total: %s', async ([locale, ...lines], t) => {
    const { app, box, admin, alice, event } = await mailWorld(t);
    if (locale === 'de') await speakGerman(app, alice);
    const { id: eventId } = await event({ ticketTypes: fourTypes() });
    await voucherOf(admin, eventId, { code: 'FRIENDS', percentOff: 33, ticketTypes: ['t1', 't2'] });
    const { id: bookingId } = await bookTickets(alice, eventId, { t1: 2, t2: 1, t4: 1 }, 'friends');
    await pay(app, alice, bookingId);
    const plain = ({ text }: { text: string }) => text.replaceAll('\u00a0', ' ');
    const [items, voucher, total, left] = lines;
    const confirmed = await box.mail(alice.user.email, /^(?:Your booking|Ihre Buchung): /);
    expect(plain(confirmed)).toContain(`${items}\n${voucher}\n${total}\n`);
    expect(confirmed.html.replaceAll('\u00a0', ' ')).toContain(items.slice('Tickets: '.length));

    await alice.must('cancelBooking', { bookingId, requestId: randomUUID(), tickets: tickets({ t2: 1, t4: 1 }) });
    const refunded = await box.mail(alice.user.email, /^(?:Refund|Erstattung): /);
    expect(plain(refunded)).toContain(left);
    expect(plain(refunded)).toMatch(/€13\.37|13,37 €/);
  });

  it('that took everything off, on an event of one price, names what the seats would have cost', async (t) => {
    const { box, admin, alice, event } = await mailWorld(t);
    const { id: eventId } = await event({ price: { amount: 2_000, currency: 'EUR' } });
    await voucherOf(admin, eventId, { code: 'PRESS', percentOff: 100 });
    await bookTickets(alice, eventId, { t1: 2 }, 'PRESS');
    const { text } = await box.mail(alice.user.email, /^Your booking: /);
    expect(text).toContain('Tickets: 2 × Ticket (€0.00, €40.00 off)\nVoucher: PRESS\nTotal: €0.00\nBooking code: ');
    expect(text).not.toContain('Paid');
  });
});

describe('a booking', () => {
  it('is confirmed by mail in the buyer’s language, with a link to the ticket and a calendar file', async (t) => {
    const { app, box, alice, bob, event } = await mailWorld(t);
    await speakGerman(app, bob);
    const { id } = await event();
    const [hers, his] = [await book(alice, id), await book(bob, id, 1)];
    const mail = await box.mail(alice.user.email, /^Your booking: Jazz im Hinterhof$/);
    expect(mail.text).toContain(`https://tickets.example.org/tickets/${hers.id}`);
    expect(mail.text).toContain(`Booking code: ${groupedCode(hers.code)}`);
    expect(mail.text).toContain('Starts: Monday, 1 July 2030 at 20:00 CEST');
    expect(mail.text).toContain(
      'Kulturhaus\n\nImprint: https://example.org/imprint\n\nPrivacy: https://example.org/privacy',
    );
    expect(mail.html).toContain(`href="https://tickets.example.org/tickets/${hers.id}"`);
    expect(mail.html).toContain('<a href="https://example.org/imprint"');
    expect(uidOf(mail.calendar)).toBe(`booking-${hers.id}@frontrow`);
    const german = await box.mail(bob.user.email, /^Ihre Buchung: /);
    expect(german.text).toContain(`https://tickets.example.org/de/tickets/${his.id}`);
    expect(german.text).toContain('Beginn: Montag, 1. Juli 2030 um 20:00 MESZ');
  });

  it('is confirmed below the picture of its event, which is a part of the mail and not asked of any server', async (t) => {
    const { app, box, alice, event } = await mailWorld(t);
    const { id } = await event();
    const admin = await app.admin();
    const uploaded = await upload(app, { eventId: id, token: admin.token, picture: await plainPicture(960, 540) });
    expect(uploaded.status).toBe(200);
    await book(alice, id);
    const mail = await box.mail(alice.user.email, /^Your booking: /);
    const shown = mail.files.find(({ type }) => type === 'image/jpeg') ?? expect.fail('The mail has no picture');
    expect(mail.html).toContain(`<img src="cid:${shown.id}" width="480" alt="A stage"`);
    expect((await sharp(shown.content).metadata()).width).toBe(480);
    expect(mail.html).not.toMatch(/<img[^>]+src="(?!cid:)/);
    expect(mail.files.map(({ type }) => type)).toEqual(['image/png', 'image/jpeg', 'application/pdf']);
  });

  it('is confirmed with the ticket itself: its code as an image, a PDF, and a link that needs no session', async (t) => {
    const { app, box, alice, bob, event } = await mailWorld(t);
    await speakGerman(app, bob);
    const { id } = await event({ title: 'Übermäßig große Füße' });
    const [hers] = [await book(alice, id), await book(bob, id, 1)];
    const mail = await box.mail(alice.user.email, /^Your booking: /);
    expect(mail.files.map(({ name, type }) => [name, type])).toEqual([
      [`ticket-${hers.code}.png`, 'image/png'],
      [`ticket-${hers.code}.pdf`, 'application/pdf'],
    ]);
    const [image, pdf] = mail.files as [AttachedFile, AttachedFile];
    expect(mail.html).toContain(`<img src="cid:${image.id}"`);
    expect(codeInImage(image.content)).toBe(hers.ticket);
    const { text, pages } = await textOfPdf(pdf.content);
    expect(pages).toBe(1);
    expect(text).toContain('Übermäßig große Füße');
    expect(text).toContain(groupedCode(hers.code));
    expect(text).toContain('Monday, 1 July 2030 at 20:00 CEST');
    const [link = ''] = /https:\/\/tickets\.example\.org\/t\/[\w.-]+/.exec(mail.text) ?? [];
    expect(mail.html).toContain(`href="${link}"`);
    const key = link.split('/').at(-1);
    const answer = await app.post('/api/ticket-links', { key });
    expect(await answer.json()).toMatchObject({ id: hers.id, ticket: hers.ticket, code: hers.code });
    // What a mail server takes and a phone shows at once.
    expect(mail.raw.length).toBeLessThan(100_000);

    const german = await box.mail(bob.user.email, /^Ihre Buchung: /);
    expect(german.text).toMatch(/https:\/\/tickets\.example\.org\/de\/t\/[\w.-]+/);
    expect((await textOfPdf((german.files[1] as AttachedFile).content)).text).toContain(
      'Montag, 1. Juli 2030 um 20:00 MESZ',
    );
  });

  it('gets one mail under one Message-ID, however often its job runs', async (t) => {
    const { app, box, alice, event } = await mailWorld(t);
    const { id } = await event();
    await book(alice, id);
    const mail = await box.mail(alice.user.email, /Your booking/);
    await jobsDone(app);
    const { jobs, sentMails } = app.app.models;
    const again = { state: 'waiting', nextAt: new Date(0), doneAt: null } as const;
    await jobs.updateMany({ kind: 'tell-bookings' }, { $set: again });
    await jobsDone(app);
    expect(box.subjectsTo(alice.user.email)).toHaveLength(2);
    // Plays a server that died after it sent the mail and before it stored that: the job sends the same mail again.
    await sentMails.deleteMany({ _id: /^confirmed:/ });
    await jobs.updateMany({ kind: 'tell-bookings' }, { $set: again });
    const twice = await box.mailsTo(alice.user.email, 3);
    expect(twice.at(-1)?.header('message-id')).toBe(mail.header('message-id'));
  });

  it('gets one mail, however many jobs notify of it at once', async (t) => {
    const { app, box, alice, event } = await mailWorld(t);
    const { id } = await event();
    await book(alice, id);
    await box.mail(alice.user.email, /Your booking/);
    await jobsDone(app);
    const { jobs, sentMails } = app.app.models;
    const { _id, ...job } = await jobs.findOne({ kind: 'tell-bookings' }).orFail().lean();
    await sentMails.deleteMany({ _id: /^confirmed:/ });
    const again = { ...job, state: 'waiting', nextAt: new Date(0), doneAt: null } as const;
    await jobs.insertMany(Array.from({ length: 8 }, (_, copy) => ({ ...again, key: `${job.key}:${copy}` })));
    await jobsDone(app);
    expect(box.subjectsTo(alice.user.email).filter((subject) => /^Your booking/.test(subject))).toHaveLength(2);
  });

  it('in a batch of many gets a mail of its own, by one job for all', async (t) => {
    const { app, box, event } = await mailWorld(t);
    const { id } = await event({ totalSeats: 50 });
    const people = await Promise.all(Array.from({ length: 12 }, (_, index) => app.register(`p${index}`)));
    await Promise.all(people.map((who) => book(who, id, 1)));
    for (const who of people) await box.mail(who.user.email, /Your booking/);
    await jobsDone(app);
    expect(await app.app.models.jobs.countDocuments({ kind: 'tell-bookings' })).toBeLessThan(people.length);
    expect(box.received.filter((mail) => /Your booking/.test(mail.header('subject')))).toHaveLength(people.length);
  });

  it('gets no mail when cancelled before the confirmation, and a cancellation mail when cancelled after it', async (t) => {
    let down = false;
    const { app, box, alice, bob, event } = await mailWorld(t, () => (down ? '451 Try again later' : null));
    const { id } = await event();
    const notified = await book(bob, id);
    await box.mail(bob.user.email, /Your booking/);
    await jobsDone(app);
    down = true;
    const undone = await book(alice, id);
    await expect.poll(() => box.tried.filter((one) => one === alice.user.email).length, WAIT).toBeGreaterThan(1);
    await alice.must('cancelBooking', { bookingId: undone.id });
    down = false;
    await bob.must('cancelBooking', { bookingId: notified.id });
    app.clock.offsetMs += 3_600_000;
    const mail = await box.mail(bob.user.email, /^Your booking was cancelled/);
    expect(mail.text).toContain('You have cancelled this booking.');
    expect(mail.calendar).toContain('STATUS:CANCELLED');
    await jobsDone(app);
    expect(box.subjectsTo(alice.user.email)).toEqual(['Confirm your email address']);
  });
});

describe('a change of a booking by the organiser', () => {
  it('sends the new ticket after some seats are cancelled', async (t) => {
    const { app, box, admin, alice, event } = await mailWorld(t);
    const { id } = await event();
    const booking = await book(alice, id, 3);
    const first = await box.mail(alice.user.email, /^Your booking: /);
    await admin.must('cancelBooking', { bookingId: booking.id, seats: 1, reason: 'Too few chairs' });
    const mail = await box.mail(alice.user.email, /^Fewer seats: /);
    expect(mail.text).toContain('Your booking and your ticket are now for 2 seats.');
    expect(mail.text).toContain('Too few chairs');
    expect(mail.text).toContain(`/tickets/${booking.id}`);
    expect((await textOfPdf((mail.files[1] as AttachedFile).content)).text).toContain('Seats 2');
    expect(sequenceOf(mail.calendar)).toBeGreaterThan(sequenceOf(first.calendar));
    await jobsDone(app);
    expect(box.subjectsTo(alice.user.email)).toHaveLength(3);
  });

  it('sends a mail for a hold that the organiser cancels, and none for a hold that its owner releases', async (t) => {
    const { app, box, admin, alice, bob, event } = await mailWorld(t);
    await speakGerman(app, bob);
    const { id } = await event({ price: { amount: 2_000, currency: 'EUR' } });
    const [hers, his] = [await book(alice, id), await book(bob, id)];
    await alice.must('cancelBooking', { bookingId: hers.id });
    await admin.must('cancelBooking', { bookingId: his.id });
    const mail = await box.mail(bob.user.email, /^Reservierung beendet: /);
    expect(mail.text).toContain('Es wurde nichts abgebucht.');
    await jobsDone(app);
    expect(box.subjectsTo(alice.user.email)).toEqual(['Confirm your email address']);
  });
});

describe('the mail server', () => {
  it('gets a mail again after a temporary refusal, and not after a permanent one', async (t) => {
    let later = true;
    const answers = new Map<string, string>();
    const { app, box, alice, bob, event } = await mailWorld(t, (address) =>
      later ? (answers.get(address) ?? null) : null,
    );
    await jobsDone(app);
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
    await jobsDone(app);
    expect(box.tried.filter((address) => address === bob.user.email)).toHaveLength(tries);
    expect(box.subjectsTo(carol.user.email).filter((subject) => /Your booking/.test(subject))).toHaveLength(1);
  });

  it('may be unreachable while bookings are made; their mails follow later', async (t) => {
    const box = await mailbox(t);
    const gone = { url: 'smtp://127.0.0.1:1', whileWaiting: () => undefined } as unknown as Mailbox;
    const one = await siteWith(t, gone);
    const { id } = await one.event();
    const booking = await book(one.alice, id);
    expect(booking.status).toBe('confirmed');
    await expect.poll(() => one.app.app.models.jobs.countDocuments({ lastError: /./ }), WAIT).toBeGreaterThan(0);
    // A second server on this database, with the right SMTP_URL.
    const two = await testApp(t, { mongoUri: one.app.mongoUri, env: { ...SITE, SMTP_URL: box.url } });
    two.clock.offsetMs = 3_600_000;
    box.whileWaiting(two.clock.hurry);
    await box.mail(one.alice.user.email, /Your booking/);
  });
});

describe('an event', () => {
  it('that is moved sends every buyer the old and the new time and place, and updates the calendar item', async (t) => {
    const { app, box, admin, alice, bob, event } = await mailWorld(t);
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
    expect(mail.calendar).toContain('DTSTART:20300702T190000Z');
    expect(uidOf(mail.calendar)).toBe(uidOf(first.calendar));
    expect(sequenceOf(mail.calendar)).toBeGreaterThan(sequenceOf(first.calendar));
    await box.mail(bob.user.email, /Your booking/);
    await app.app.models.jobs.updateMany({ kind: 'tell-moved' }, { $set: { state: 'waiting', nextAt: new Date(0) } });
    await jobsDone(app);
    expect(box.subjectsTo(bob.user.email).filter((subject) => /^Changed/.test(subject))).toEqual([]);
    expect(box.subjectsTo(alice.user.email).filter((subject) => /^Changed/.test(subject))).toHaveLength(1);
  });

  it('whose end is moved or cleared sends every buyer the old end and the new one', async (t) => {
    const { box, admin, alice, event } = await mailWorld(t);
    const { id, revision } = await event({ endsAt: '2030-07-01T20:00:00.000Z' });
    await book(alice, id);
    await box.mail(alice.user.email, /Your booking/);
    await admin.must('updateEvent', { eventId: id, revision, changes: { endsAt: '2030-07-01T21:00:00.000Z' } });
    const start = 'Monday, 1 July 2030 at 20:00 CEST';
    const moved = await box.mail(alice.user.email, /^Changed/);
    expect(moved.text).toContain('The organiser has changed this event: its end. Your booking stays as it is.');
    expect(moved.text).toContain(`So far: ${start}, until Monday, 1 July 2030 at 22:00 CEST, Alte Schlosserei`);
    expect(moved.text).toContain(`Now: ${start}, until Monday, 1 July 2030 at 23:00 CEST, Alte Schlosserei`);
    const changed = () => box.subjectsTo(alice.user.email).filter((subject) => /^Changed/.test(subject)).length;
    await admin.must('updateEvent', { eventId: id, revision: revision + 1, changes: { endsAt: null } });
    await expect.poll(changed, WAIT).toBe(2);
    const cleared = (await box.mailsTo(alice.user.email)).at(-1);
    expect(cleared?.text).toContain(`Now: ${start}, no end stated, Alte Schlosserei`);
  });

  it('whose time zone alone changes keeps its moment, and its mail says that', async (t) => {
    const { box, admin, alice, event } = await mailWorld(t);
    const { id, revision } = await event();
    await book(alice, id);
    const first = await box.mail(alice.user.email, /Your booking/);
    const after = await admin.must('updateEvent', { eventId: id, revision, changes: { timeZone: 'Europe/London' } });
    expect(after.startsAt).toBe(START);
    const mail = await box.mail(alice.user.email, /^Changed/);
    expect(mail.text).toContain('its time zone; the moment of its start stays the same.');
    expect(mail.text).toMatch(/So far: Monday, 1 July 2030 at 20:00 CEST, .*\nNow: Monday, 1 July 2030 at 19:00 BST, /);
    const startOf = (file: string) => /^DTSTART.*$/m.exec(file)?.[0];
    expect(startOf(mail.calendar)).toBe(startOf(first.calendar));
  });

  it('that is moved back before the mail, or changes its time zone to one with the same clock, sends no mail', async (t) => {
    let down = false;
    const { app, box, admin, alice, event } = await mailWorld(t, () => (down ? '451 Try again later' : null));
    const { id, revision, venue } = await event();
    await book(alice, id);
    await box.mail(alice.user.email, /Your booking/);
    await admin.must('updateEvent', { eventId: id, revision, changes: { timeZone: 'Europe/Vienna' } });
    down = true;
    await admin.must('updateEvent', { eventId: id, revision: revision + 1, changes: { venue: 'Stadthalle' } });
    await expect
      .poll(() => app.app.models.jobs.countDocuments({ kind: 'tell-moved', lastError: /451/ }), WAIT)
      .toBeGreaterThan(0);
    await admin.must('updateEvent', { eventId: id, revision: revision + 2, changes: { venue } });
    down = false;
    app.clock.offsetMs += 3_600_000;
    await jobsDone(app);
    expect(box.subjectsTo(alice.user.email).filter((subject) => /^Changed/.test(subject))).toEqual([]);
  });

  it('that is moved twice before the mail sends one mail, from the venue the buyer knows to the last one', async (t) => {
    let down = false;
    const { app, box, admin, alice, event } = await mailWorld(t, () => (down ? '451 Try again later' : null));
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
    await jobsDone(app);
    expect(box.subjectsTo(alice.user.email).filter((subject) => /^Changed/.test(subject))).toHaveLength(1);
  });

  it('that is cancelled sends every buyer the reason', async (t) => {
    const { app, box, admin, alice, bob, event } = await mailWorld(t);
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

  it('that is cancelled sends those who wait, and those who hold seats or an offer, one mail in their language', async (t) => {
    const { app, box, admin, alice, bob, event } = await mailWorld(t);
    const carol = await app.register('carol');
    await speakGerman(app, carol);
    const { id } = await event({ totalSeats: 3, price: { amount: 2_000, currency: 'EUR' } });
    const offered = await book(alice, id, 2);
    await book(bob, id, 1);
    const join = (who: Person, seats: number) =>
      who.must('joinWaitlist', { requestId: randomUUID(), eventId: id, seats });
    await join(carol, 2);
    await alice.must('cancelBooking', { bookingId: offered.id });
    await box.mail(carol.user.email, /^2 Plätze für Sie/);
    await join(alice, 3);
    await jobsDone(app);
    await admin.must('cancelEvent', { eventId: id, reason: 'Storm' });
    await jobsDone(app, { passMs: 1_000 });
    const waited = await box.mail(alice.user.email, /^Cancelled: Jazz im Hinterhof$/);
    expect(waited.text).toContain('This event does not take place, so its waiting list is closed.');
    expect(waited.text).toContain('The organiser says: Storm');
    const held = await box.mail(bob.user.email, /^Cancelled: Jazz im Hinterhof$/);
    expect(held.text).toContain('Your hold of 1 seat has ended.');
    expect(held.text).toContain('You were not charged.');
    const offer = await box.mail(carol.user.email, /^Abgesagt: Jazz im Hinterhof$/);
    expect(offer.text).toContain('Unser Angebot über 2 Plätze gilt nicht mehr.');
    for (const who of [alice, bob, carol])
      expect(box.subjectsTo(who.user.email).filter((subject) => /^(?:Cancelled|Abgesagt)/.test(subject))).toHaveLength(
        1,
      );
  });

  it('that is cancelled sends one mail to a buyer who waits for more seats', async (t) => {
    const { app, box, admin, alice, event } = await mailWorld(t);
    const { id } = await event({ totalSeats: 2 });
    await book(alice, id);
    await alice.must('joinWaitlist', { requestId: randomUUID(), eventId: id, seats: 1 });
    await admin.must('cancelEvent', { eventId: id, reason: 'Storm' });
    await jobsDone(app, { passMs: 1_000 });
    const [mail, ...more] = box.received.filter((one) => /^Cancelled/.test(one.header('subject')));
    expect(mail?.text).toContain('Your booking is cancelled.');
    expect(more).toEqual([]);
  });

  it('whose sale ends sends those who wait a mail, and offers that lapse with it no invitation to join again', async (t) => {
    const { app, box, alice, bob, event } = await mailWorld(t);
    const carol = await app.register('carol');
    const closesMs = 300_000;
    const salesCloseAt = new Date(app.clock.now().getTime() + closesMs).toISOString();
    const { id } = await event({ totalSeats: 2, salesCloseAt });
    const booking = await book(alice, id);
    for (const who of [bob, carol]) await who.must('joinWaitlist', { requestId: randomUUID(), eventId: id, seats: 2 });
    await alice.must('cancelBooking', { bookingId: booking.id });
    await box.mail(bob.user.email, /^2 seats for you/);
    app.clock.pass(closesMs);
    const lapsed = await box.mail(bob.user.email, /^Offer ended: /);
    expect(lapsed.text).toContain('Ticket sales have ended.');
    expect(lapsed.text).not.toContain('join the waiting list');
    const closed = await box.mail(carol.user.email, /^Waiting list closed: Jazz im Hinterhof$/);
    expect(closed.text).toContain('No seats came back for you in time.');
    expect(box.subjectsTo(bob.user.email).filter((subject) => /closed/.test(subject))).toEqual([]);
  });

  it('with line breaks in its stored title adds no header to a mail', async (t) => {
    const { app, box, alice, event } = await mailWorld(t);
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
  it('is mailed once, with a link to the event', async (t) => {
    const { app, box, alice, bob, event } = await mailWorld(t);
    const { id } = await event({ totalSeats: 2 });
    const booking = await book(alice, id);
    await bob.must('joinWaitlist', { requestId: randomUUID(), eventId: id, seats: 2 });
    await alice.must('cancelBooking', { bookingId: booking.id });
    const mail = await box.mail(bob.user.email, /^2 seats for you: Jazz im Hinterhof$/);
    expect(mail.text).toContain(`https://tickets.example.org/events/${id}`);
    await jobsDone(app);
    await app.app.models.jobs.updateMany({ kind: 'tell-offers' }, { $set: { state: 'waiting', nextAt: new Date(0) } });
    await jobsDone(app);
    expect(box.subjectsTo(bob.user.email).filter((subject) => /for you/.test(subject))).toHaveLength(1);
  });

  it('is not mailed once it has lapsed, but the missed offer is', async (t) => {
    let down = false;
    const { app, box, alice, bob, event } = await mailWorld(t, () => (down ? '451 Try again later' : null));
    const { id } = await event({ totalSeats: 2, offerMinutes: 10 });
    const booking = await book(alice, id);
    await bob.must('joinWaitlist', { requestId: randomUUID(), eventId: id, seats: 2 });
    await jobsDone(app);
    down = true;
    await alice.must('cancelBooking', { bookingId: booking.id });
    await expect
      .poll(() => app.app.models.jobs.countDocuments({ kind: 'tell-offers', lastError: /451/ }), WAIT)
      .toBe(1);
    down = false;
    app.clock.offsetMs += 3_600_000;
    const mail = await box.mail(bob.user.email, /^Offer ended: /);
    expect(mail.text).toContain('2 seats');
    expect(mail.text).toContain('You can join the waiting list again.');
    await jobsDone(app);
    expect(box.subjectsTo(bob.user.email).filter((subject) => /for you/.test(subject))).toEqual([]);
  });
});
