import type { Db, MongoClient } from 'mongodb';
import { createDoor } from '#server/booking/check-in.ts';
import type { Engine } from '#server/booking/engine/engine.ts';
import { cancelEventKey } from '#server/booking/rules/edit.ts';
import type { createTickets } from '#server/booking/tickets.ts';
import { createEventBookings } from '#server/events/attendees.ts';
import { createSales } from '#server/events/sales.ts';
import type { Models } from '#server/models/models.ts';

export interface OrganisingDeps {
  client: MongoClient;
  database: Db;
  models: Models;
  engine: Engine;
  tickets: ReturnType<typeof createTickets>;
}

/** What organisers have beside the events themselves: figures of the sale, the list of guests, the door. */
export function createOrganising({ client, database, models, engine, tickets }: OrganisingDeps) {
  return {
    sales: createSales({ client, database, callOffKey: cancelEventKey }),
    eventBookings: createEventBookings({ database, ticketOf: tickets.ticketOf }),
    door: createDoor({ models, engine, ...tickets }),
  };
}
