import { randomUUID } from 'node:crypto';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import { mailbox } from '../support/mailbox.ts';
import { CARD, shown, useCard } from '../support/payments/demo-payments.ts';
import { bookTickets, fourTypes, tickets } from '../support/payments/typed-event.ts';
import { book, eventInput, testApp } from '../support/test-app.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const line = (type: string, name: string, count: number, amount: number, seats = 1) => {
  const price = euros(amount);
  return { type, name, count, price, seats };
};

/** A paid booking of two adults, two children and parking, whose buyer reads mails in this language. */
async function paidWorld(t: TestContext, locale: 'en' | 'de' = 'en') {
  const box = await mailbox(t);
  const app = await testApp(t, {
    env: { SMTP_URL: box.url, MAIL_FROM: 'tickets@example.org' },
  });
  box.whileWaiting(app.clock.hurry);
  const [admin, alice] = [await app.admin(), await app.register('alice')];
  await app.app.models.users.updateOne({ _id: alice.user.id }, { $set: { locale } });
  const input = eventInput({ ticketTypes: fourTypes(), timeZone: 'Europe/Berlin' });
  const { id: eventId } = await admin.must('createEvent', input);
  const { id: bookingId } = await bookTickets(alice, eventId, { t1: 2, t2: 2, t4: 1 });
  const confirmed = shown(alice, bookingId, ({ status }) => status === 'confirmed');
  await useCard(await alice.must('checkout', { bookingId }), CARD.pays);
  await confirmed;
  const refunded = (amount: number) => shown(alice, bookingId, ({ payment }) => payment?.refundedAmount === amount);
  return { box, app, admin, alice, eventId, bookingId, refunded };
}

/** Cancels a child by the buyer, an adult by an organiser, and then all that is left by the buyer. */
async function cancelInParts({ admin, alice, bookingId, refunded }: Awaited<ReturnType<typeof paidWorld>>) {
  const child = refunded(1_250);
  await alice.must('cancelBooking', { bookingId, requestId: randomUUID(), tickets: tickets({ t2: 1 }) });
  await child;
  const adult = refunded(1_250 + 2_000);
  await admin.must('cancelBooking', { bookingId, tickets: tickets({ t1: 1 }), reason: 'Too few chairs' });
  const part = await adult;
  const all = refunded(7_000);
  await alice.must('cancelBooking', { bookingId });
  return { part, whole: await all };
}

describe('a booking that is cancelled in parts, and later as a whole', () => {
  it('says to its buyer and to organisers what was booked, and what was cancelled when', async (t) => {
    const world = await paidWorld(t);
    const { app, admin, alice, eventId, bookingId } = world;
    const { part, whole } = await cancelInParts(world);
    const parts = [
      { by: 'buyer', seats: 1, tickets: [line('t2', 'Child', 1, 1_250)], amount: euros(1_250), reason: null },
      {
        by: 'organiser',
        seats: 1,
        tickets: [line('t1', 'Adult', 1, 2_000)],
        amount: euros(2_000),
        reason: 'Too few chairs',
      },
    ];
    const left = [line('t1', 'Adult', 1, 2_000), line('t2', 'Child', 1, 1_250), line('t4', 'Parking', 1, 500, 0)];
    const kept = { seats: 2, tickets: left, total: euros(3_750), cancelledParts: parts };
    expect(part).toMatchObject({ status: 'confirmed', ...kept });
    expect(whole).toMatchObject({ status: 'cancelled', ...kept, ended: { by: 'buyer' } });
    const times = (whole.cancelledParts ?? []).map(({ at }) => at);
    expect(times).toEqual(times.toSorted());
    expect((times[1] ?? '') <= (whole.ended?.at ?? '')).toBe(true);

    // Every answer has the same.
    expect(await alice.must('getBooking', { bookingId })).toEqual(whole);
    expect((await alice.must('listBookings', {})).bookings).toEqual([whole]);
    expect((await admin.must('listEventBookings', { eventId })).bookings).toMatchObject([whole]);
    const exported = await app.get('/api/auth/me/export', { authorization: `Bearer ${alice.token}` });
    expect(await exported.json()).toMatchObject({ bookings: [{ cancelledParts: whole.cancelledParts }] });
    const csv = await app.get(`/api/events/${eventId}/bookings.csv`, { authorization: `Bearer ${admin.token}` });
    const [head, row] = (await csv.text()).split('\r\n');
    expect(head).toContain('"reasons of changes","booked","cancelled before",');
    const cancelled = `${times[0]}: 1 × Child, 12.50 refunded; ${times[1]}: 1 × Adult, 20.00 refunded`;
    expect(row).toContain(`"2 × Adult, 2 × Child, 1 × Parking","${cancelled}"`);
  });

  it.for([
    [
      'en',
      'Tickets: 1 × Adult (€20.00), 2 × Child (€25.00), 1 × Parking (€5.00)\nTotal: €50.00\nCancelled: 1 × Adult on ',
      'Tickets: 2 × Adult (€40.00), 2 × Child (€25.00), 1 × Parking (€5.00)\nTotal: €70.00\n',
      /Cancelled: 1 × Adult on \w+, \d+ \w+ \d{4} at \d\d:\d\d CES?T, €20\.00 back\nCancelled: 1 × Child on .*, €12\.50 back\nBooking code/,
    ],
    [
      'de',
      'Tickets: 1 × Adult (20,00 €), 2 × Child (25,00 €), 1 × Parking (5,00 €)\nGesamt: 50,00 €\nStorniert: 1 × Adult am ',
      'Tickets: 2 × Adult (40,00 €), 2 × Child (25,00 €), 1 × Parking (5,00 €)\nGesamt: 70,00 €\n',
      /Storniert: 1 × Adult am \w+, \d+\. \S+ \d{4} um \d\d:\d\d MES?Z, 20,00 € zurück\nStorniert: 1 × Child am .*, 12,50 € zurück\nBuchungscode/,
    ],
  ] as const)('has mails that say so: %s', async ([locale, fewer, booked, parts], t) => {
    const { box, alice, bookingId } = await paidWorld(t, locale);
    const plain = ({ text }: { text: string }) => text.replaceAll('\u00a0', ' ');
    // A booking that is cancelled before its confirmation gets no mail at all.
    await box.mail(alice.user.email, /^(?:Your booking|Ihre Buchung): /);
    await alice.must('cancelBooking', { bookingId, requestId: randomUUID(), tickets: tickets({ t1: 1 }) });
    expect(plain(await box.mail(alice.user.email, /^(?:Fewer tickets|Weniger Tickets): /))).toContain(fewer);
    await alice.must('cancelBooking', { bookingId, requestId: randomUUID(), tickets: tickets({ t2: 1 }) });
    await alice.must('cancelBooking', { bookingId });
    const mail = plain(
      await box.mail(alice.user.email, /^(?:Your booking was cancelled|Ihre Buchung wurde storniert): /),
    );
    expect(mail).toContain(booked);
    expect(mail).toMatch(parts);
  });

  it('of seats alone and for nothing says as much, and a repeated request notes nothing twice', async (t) => {
    const app = await testApp(t);
    const [admin, alice] = [await app.admin(), await app.register('alice')];
    const { id: eventId } = await admin.must('createEvent', eventInput());
    const { id: bookingId } = await book(alice, eventId, 4);
    const request = { bookingId, requestId: randomUUID(), seats: 1 };
    const notes: (Booking['cancelledParts'] | undefined)[] = [];
    for (const input of [request, request, { bookingId, seats: 2 }, { bookingId }])
      notes.push((await alice.must('cancelBooking', input)).cancelledParts);
    const part = (seats: number) => ({ by: 'buyer', seats, tickets: [line('t1', 'Ticket', seats, 0)], amount: null });
    expect(notes).toMatchObject([[part(1)], [part(1)], [part(1), part(2)], [part(1), part(2)]]);
    const untouched = await book(alice, eventId, 1);
    expect(await alice.must('cancelBooking', { bookingId: untouched.id })).not.toHaveProperty('cancelledParts');
  });
});
