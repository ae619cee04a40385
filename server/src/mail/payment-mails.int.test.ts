import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testDatabaseUri } from '../../test/support/database/test-database.ts';
import { quiet } from '../../test/support/quiet.ts';
import { ticketFilesOf } from '../../test/support/ticket-files.ts';
import { paymentNotificationJob } from '#server/booking/rules/notify.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { RefundCause } from '#shared/checkout.ts';
import { prepareDatabase } from '#server/migrations/prepare-database.ts';
import { createModels } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import type { Locale } from '#shared/account.ts';
import type { Mailer } from './sending/mailer.ts';
import { createPaymentMailJob } from './payment-mails.ts';
import { createMailPace } from './sending/mail-pace.ts';
import { createNotifiers } from './sending/notifier.ts';

const AT = new Date('2026-11-23T12:00:00.000Z');
const RUN = { signal: new AbortController().signal, progress: async () => undefined };

type AddressedMail = Parameters<Mailer['send']>[0];

/** A booking of 40 euros that is being refunded, and the job handler that notifies its buyer. */
async function refunding(cause: RefundCause, more: { reason?: string; locale?: Locale } = {}) {
  const connection = await connectMongo(testDatabaseUri());
  onTestFinished(() => connection.close());
  const models = createModels(connection);
  await prepareDatabase({ connection, models });
  const [userId, eventId, bookingId, paymentId] = Array.from({ length: 4 }, () => new Types.ObjectId());
  const user = { name: 'Alice', email: 'alice@example.org', passwordHash: '', verified: true, role: 'user' };
  await models.users.collection.insertOne({
    _id: userId,
    ...user,
    locale: more.locale ?? 'en',
    createdAt: AT,
  } as never);
  const event = { title: 'Jazz', venue: 'Club', timeZone: 'Europe/Berlin', startsAt: AT, endsAt: null };
  const counters = { totalSeats: 2, availableSeats: 2, heldSeats: 0, soldSeats: 0, version: 1 };
  await models.events.collection.insertOne({ _id: eventId, ...event, ...counters } as never);
  const payment = { status: 'refunding', provider: 'demo', amount: 4_000, refundedAmount: 0, currency: 'EUR' };
  const booking = { version: 1, code: randomUUID(), userId, eventId, seats: 2, status: 'expired', payment };
  await models.bookings.collection.insertOne({ _id: bookingId, ...booking } as never);
  const refund = { key: 'r.1', amount: 4_000, cause, reason: more.reason ?? null, status: 'done' };
  const paid: Partial<PaymentDoc> = { paid: { amount: 4_000, currency: 'EUR' }, refunds: [refund as never] };
  const attempt = { _id: paymentId, bookingId, eventId, userId, attempt: 1, provider: 'demo', status: 'paid' };
  await models.payments.collection.insertOne({ ...attempt, amount: 4_000, currency: 'EUR', ...paid } as never);

  const sent: AddressedMail[] = [];
  const mailer = { send: async (mail: AddressedMail) => (sent.push(mail), 'sent' as const), close: () => undefined };
  const site = {
    name: 'Frontrow',
    contactEmail: null,
    imprintUrl: null,
    privacyUrl: null,
    termsUrl: null,
    demoPayments: false,
    hasMail: true,
    wallets: { apple: false, google: false },
    holdsFirst: true,
  };
  const pace = createMailPace({
    busy: () => false,
    idleMs: () => Infinity,
    sleepOrAbort: async () => undefined,
    monotonic: () => 0,
  });
  const notifier = createNotifiers({ models, mailer, site, pace, now: () => AT, log: quiet })('change');
  const origin = () => 'https://tickets.example.org';
  const job = createPaymentMailJob({
    models,
    notifier,
    tickets: ticketFilesOf('a secret'),
    origin,
    now: () => AT,
    monotonic: () => 0,
  });
  const notify = (fact: 'late' | 'refunded') =>
    job(paymentNotificationJob(fact, String(eventId), String(paymentId), 'r.1').payload, RUN);
  return { models, sent, notify };
}

describe('the mails of a refund', () => {
  it.for([
    ['late', 'the seats were gone'],
    ['cancelled', 'the booking had been cancelled'],
    ['event', 'the event had been cancelled'],
    ['double', 'already paid for'],
  ] as const)("name the cause of a late payment's refund: %s", async ([cause, expected]) => {
    const { sent, notify } = await refunding(cause);
    await notify('late');
    expect(sent).toMatchObject([{ subject: 'You get your payment back: Jazz', to: { address: 'alice@example.org' } }]);
    expect(sent[0]?.text).toContain(expected);
    expect(sent[0]?.text).toContain('€40.00');
    expect(sent[0]?.text).toContain('https://tickets.example.org/bookings');
  });

  it('quote the reason of the organiser, in the language of the buyer, once the refund is done', async () => {
    const { sent, notify } = await refunding('organiser', { reason: 'Die Vorband fiel aus', locale: 'de' });
    await notify('refunded');
    expect(sent[0]?.subject).toBe('Erstattung: Jazz');
    expect(sent[0]?.text.replace(/\u00a0/g, ' ')).toContain('Wir haben Ihnen 40,00 € auf dem Weg erstattet');
    expect(sent[0]?.text).toContain('Die Veranstalter schreiben: Die Vorband fiel aus');
  });

  it('are sent once per fact, however often the job runs', async () => {
    const { sent, notify } = await refunding('late');
    for (const fact of ['late', 'late', 'refunded', 'refunded'] as const) await notify(fact);
    expect(sent.map(({ fact }) => fact)).toEqual(['late:r.1', 'refunded:r.1']);
  });

  it('are not sent after the account was deleted', async () => {
    const { models, sent, notify } = await refunding('late');
    await models.users.deleteMany({});
    await notify('late');
    expect(sent).toEqual([]);
  });
});
