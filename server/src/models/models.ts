import { isDeepStrictEqual } from 'node:util';
import type { CreateCollectionOptions, Document, IndexDescription } from 'mongodb';
import type { Connection, IndexDefinition, IndexOptions } from 'mongoose';
import type { AccountLinkDoc } from './accounts/account-link.ts';
import { accountLinkSchema } from './accounts/account-link.ts';
import type { KeyDoc, SessionDoc, UserDoc } from './accounts/account.ts';
import { keySchema, sessionSchema, userSchema } from './accounts/account.ts';
import type { BookingDoc } from './booking.ts';
import { bookingSchema, bookingValidator } from './booking.ts';
import type { DemoCheckoutDoc, DemoRefundDoc, DemoWebhookDoc } from './demo.ts';
import { demoCheckoutSchema, demoRefundSchema, demoWebhookSchema } from './demo.ts';
import type { EventDoc } from './event.ts';
import { eventSchema, eventValidator } from './event.ts';
import type { JobDoc } from './job.ts';
import { jobSchema } from './job.ts';
import type { LeaseDoc } from './servers/lease.ts';
import { leaseSchema } from './servers/lease.ts';
import type { LedgerDoc } from './ledger.ts';
import { ledgerSchema } from './ledger.ts';
import type { PaymentDoc, WebhookDoc } from './payment.ts';
import { paymentSchema, paymentValidator, webhookSchema } from './payment.ts';
import type { PushSubscriptionDoc } from './accounts/push-subscription.ts';
import { pushSubscriptionSchema } from './accounts/push-subscription.ts';
import type { SentMailDoc } from './sent-mail.ts';
import { sentMailSchema } from './sent-mail.ts';
import type { RateCountDoc } from './servers/rate-count.ts';
import { rateCountSchema } from './servers/rate-count.ts';
import type { ServerTurnDoc } from './servers/server-turn.ts';
import { serverTurnSchema } from './servers/server-turn.ts';
import type { WaitlistEntryDoc } from './waitlist.ts';
import { waitlistEntrySchema } from './waitlist.ts';

/** Every collection, bound to one connection: two servers in one process share no models. */
export function createModels(connection: Connection) {
  return {
    events: connection.model<EventDoc>('Event', eventSchema),
    bookings: connection.model<BookingDoc>('Booking', bookingSchema),
    ledger: connection.model<LedgerDoc>('Ledger', ledgerSchema),
    users: connection.model<UserDoc>('User', userSchema),
    sessions: connection.model<SessionDoc>('Session', sessionSchema),
    accountLinks: connection.model<AccountLinkDoc>('AccountLink', accountLinkSchema),
    sentMails: connection.model<SentMailDoc>('SentMail', sentMailSchema),
    pushSubscriptions: connection.model<PushSubscriptionDoc>('PushSubscription', pushSubscriptionSchema),
    keys: connection.model<KeyDoc>('Key', keySchema),
    waitlist: connection.model<WaitlistEntryDoc>('Waiting', waitlistEntrySchema),
    leases: connection.model<LeaseDoc>('Lease', leaseSchema),
    serverTurns: connection.model<ServerTurnDoc>('Turn', serverTurnSchema),
    rateCounts: connection.model<RateCountDoc>('RateCount', rateCountSchema),
    jobs: connection.model<JobDoc>('Job', jobSchema),
    payments: connection.model<PaymentDoc>('Payment', paymentSchema),
    webhooks: connection.model<WebhookDoc>('Webhook', webhookSchema),
    demoCheckouts: connection.model<DemoCheckoutDoc>('DemoCheckout', demoCheckoutSchema),
    demoRefunds: connection.model<DemoRefundDoc>('DemoRefund', demoRefundSchema),
    demoWebhooks: connection.model<DemoWebhookDoc>('DemoWebhook', demoWebhookSchema),
  };
}

export type Models = ReturnType<typeof createModels>;

const VALIDATORS: Record<string, object> = {
  events: eventValidator,
  bookings: bookingValidator,
  payments: paymentValidator,
};

/** Collections that are created at the same time. */
const PARALLEL_COLLECTIONS = 4;

/** What a model must have so that its collection can be created. */
interface Preparable {
  collection: { collectionName: string };
  schema: { indexes(): [key: IndexDefinition, options: IndexOptions][] };
}

/** Creates missing collections, validators and indexes. Safe to run again, also by several servers at once. */
export async function prepareDatabase(connection: Connection, models: Models): Promise<void> {
  const database = connection.db;
  if (!database) throw new Error('prepareDatabase needs an open connection');
  const stored = new Map((await database.listCollections().toArray()).map(({ name, ...info }) => [name, info]));
  const prepare = async (model: Preparable): Promise<void> => {
    const name = model.collection.collectionName;
    const validator = VALIDATORS[name];
    const rules = validator ? ({ validator, validationLevel: 'strict' } as const) : {};
    // With its validator at once, because collMod needs more rights than the creation.
    if (!stored.has(name)) await createCollection(database, name, rules);
    // Only if the validator differs: collMod waits for every open transaction, those of a dead server included.
    else if (!isDeepStrictEqual(validator, validatorOf(stored.get(name))) && validator)
      await database.command({ collMod: name, ...rules });
    // All of a collection in one command: mongoose sends one for each index, which made up half of a start's commands.
    const indexes = model.schema.indexes().map(([key, options]) => ({ key, ...options }) as IndexDescription);
    if (indexes.length > 0) await database.collection(name).createIndexes(indexes);
  };
  // A few at a time: each collection waits for its own files on the disk, and each lane opens a connection.
  const left = Object.values<Preparable>(models);
  const lane = async (): Promise<void> => {
    for (let model = left.pop(); model; model = left.pop()) await prepare(model);
  };
  await Promise.all(Array.from({ length: PARALLEL_COLLECTIONS }, lane));
}

/** The stored strict validator of a collection; undefined if there is none. */
function validatorOf(info: Document | undefined): unknown {
  const options = info?.['options'] as { validationLevel?: string; validator?: object } | undefined;
  return options?.validationLevel === 'strict' ? options.validator : undefined;
}

const NAMESPACE_EXISTS = 48;

async function createCollection(
  database: NonNullable<Connection['db']>,
  name: string,
  rules: CreateCollectionOptions,
): Promise<void> {
  try {
    await database.createCollection(name, rules);
  } catch (error) {
    // Another server that starts at the same time was first.
    if ((error as { code?: number }).code !== NAMESPACE_EXISTS) throw error;
  }
}
