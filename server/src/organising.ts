import type { Db, MongoClient } from 'mongodb';
import { createDoor } from './booking/check-in.ts';
import type { Engine } from './booking/engine/engine.ts';
import { cancelEventKey } from './booking/rules/edit.ts';
import type { createTickets } from './booking/tickets.ts';
import { createEventBookings } from './events/attendees.ts';
import { createSales } from './events/sales.ts';
import type { Models } from './models/models.ts';

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
