import type { Db, MongoClient } from 'mongodb';
import { createBookingReply } from '#server/booking/bookings.ts';
import { createCheckIns } from '#server/booking/check-in.ts';
import type { Engine } from '#server/booking/engine/engine.ts';
import type { Tickets } from '#server/booking/tickets.ts';
import type { Now } from '#server/clock.ts';
import { createAttendees } from '#server/events/attendees.ts';
import { createEventCancellation } from '#server/events/cancel.ts';
import { createEventEditing } from '#server/events/edit.ts';
import { createSales } from '#server/events/sales.ts';
import type { Models } from '#server/models/models.ts';

interface EventsOptions {
  client: MongoClient;
  database: Db;
  models: Models;
  engine: Engine;
  tickets: Tickets;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  /** A short random wait before a transaction is replayed. */
  sleepBeforeReplay: () => Promise<void>;
  /** Wakes the job runner after a job was added. */
  wake(): void;
}

/** What organisers do with their events: edit and cancel them, follow the sale, list attendees and check them in. */
export function composeEvents(options: EventsOptions) {
  const { client, database, models, engine, tickets, now, monotonic, sleepBeforeReplay, wake } = options;
  return {
    eventEditing: createEventEditing({ client, database, models, engine, now, monotonic, sleepBeforeReplay }),
    eventCancellation: createEventCancellation({ client, database, models, engine, now, wake }),
    sales: createSales({ client, database }),
    attendees: createAttendees({ database, ticketOf: tickets.ticketOf }),
    checkIns: createCheckIns({
      models,
      engine,
      reply: createBookingReply(tickets.ticketOf),
      readTicket: tickets.readTicket,
    }),
  };
}
