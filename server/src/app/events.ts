import type { Db, MongoClient } from 'mongodb';
import { createBookingReply } from '#server/booking/bookings.ts';
import { createCheckIns } from '#server/booking/check-in.ts';
import type { Engine } from '#server/booking/engine/engine.ts';
import type { Selling } from '#server/booking/payments/selling.ts';
import type { Tickets } from '#server/booking/tickets.ts';
import type { Now } from '#server/clock.ts';
import { createAttendees } from '#server/events/attendees.ts';
import { createEventCancellation } from '#server/events/cancel.ts';
import { createEventEditing } from '#server/events/edit.ts';
import { createEventReads } from '#server/events/reads.ts';
import type { KnownEvents } from '#server/events/known/known-events.ts';
import { createSales } from '#server/events/sales.ts';
import { createVoucherChecks } from '#server/events/vouchers/check-voucher.ts';
import { createVouchers } from '#server/events/vouchers/vouchers.ts';
import type { Models } from '#server/models/models.ts';
import type { Reminders } from '#server/reminders/reminders.ts';
import type { PersonalTickets } from '#server/tickets/personal-tickets.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';

interface EventsOptions {
  client: MongoClient;
  database: Db;
  models: Models;
  /** On connections of their own, for what anybody may read. */
  readModels: Models;
  knownEvents: KnownEvents;
  engine: Engine;
  tickets: Tickets & { personal: Pick<PersonalTickets, 'readText'> };
  selling: Pick<Selling, 'priceRefusal' | 'provider'>;
  withTransaction: WithTransaction;
  reminders: Reminders;
  /** Numbers in [0, 1), for the codes of vouchers. */
  random: () => number;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  sleep: (ms: number) => Promise<void>;
  /** A short random wait before a transaction is replayed. */
  sleepBeforeReplay: () => Promise<void>;
  /** Wakes the job runner after a job was added. */
  wake(): void;
}

/** Reading events, and what organisers do with theirs: edit and cancel them, follow the sale, list attendees and check them in. */
export function composeEvents(options: EventsOptions) {
  const { client, database, models, readModels, knownEvents, engine, tickets, now, monotonic, sleep } = options;
  const { selling, withTransaction, reminders, random, sleepBeforeReplay, wake } = options;
  return {
    reminders,
    eventReads: createEventReads({ models: readModels, knownEvents, now, monotonic, sleep }),
    eventEditing: createEventEditing({
      client,
      database,
      models,
      engine,
      noteCreated: knownEvents.noteCreated,
      now,
      monotonic,
      sleepBeforeReplay,
    }),
    eventCancellation: createEventCancellation({ client, database, models, engine, now, wake }),
    sales: createSales({ client, database, countReminders: reminders.count }),
    vouchers: createVouchers({
      database,
      models,
      withTransaction,
      priceRefusal: (price) => selling.priceRefusal({ price }),
      provider: selling.provider,
      random,
      now,
    }),
    voucherChecks: createVoucherChecks({ models, provider: selling.provider, now }),
    attendees: createAttendees({ database, ticketOf: tickets.ticketOf }),
    checkIns: createCheckIns({
      models,
      engine,
      reply: createBookingReply(tickets.ticketOf),
      readTicket: tickets.readTicket,
      readPersonalTicket: tickets.personal.readText,
    }),
  };
}
