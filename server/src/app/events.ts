import type { Db, MongoClient } from 'mongodb';
import { createDoor } from '#server/booking/check-in.ts';
import type { Engine } from '#server/booking/engine/engine.ts';
import { cancelEventJobKey } from '#server/booking/rules/edit.ts';
import type { createTickets } from '#server/booking/tickets.ts';
import type { Now } from '#server/clock.ts';
import { createEventBookings } from '#server/events/attendees.ts';
import { createCallOff } from '#server/events/cancel.ts';
import { createOrganise } from '#server/events/edit.ts';
import { createSales } from '#server/events/sales.ts';
import type { Models } from '#server/models/models.ts';

export interface EventsOptions {
  client: MongoClient;
  database: Db;
  models: Models;
  engine: Engine;
  tickets: ReturnType<typeof createTickets>;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  /** A short jittered wait before a transaction is replayed. */
  pause: () => Promise<void>;
  /** Called after a job was stored. */
  wake(): void;
}

/** What organisers do with their events: edit and cancel them, follow the sale, list attendees and check them in. */
export function composeEvents(options: EventsOptions) {
  const { client, database, models, engine, tickets, now, monotonic, pause, wake } = options;
  return {
    organise: createOrganise({ client, database, models, engine, now, monotonic, pause }),
    callOff: createCallOff({ client, database, models, engine, now, wake }),
    sales: createSales({ client, database, callOffKey: cancelEventJobKey }),
    eventBookings: createEventBookings({ database, ticketOf: tickets.ticketOf }),
    door: createDoor({ models, engine, ticketOf: tickets.ticketOf, readTicket: tickets.readTicket }),
  };
}
