import type { Collection, Db, MongoClient } from 'mongodb';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { JobDoc } from '#server/models/job.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { ServerTurnDoc } from '#server/models/servers/server-turn.ts';
import type { VoucherDoc } from '#server/models/vouchers/voucher.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';

/** The collections that a batch reads and writes, on the raw driver: documents on the hot path are not hydrated. */
export interface BookingCollections {
  events: Collection<EventDoc>;
  bookings: Collection<BookingDoc>;
  waitlist: Collection<WaitlistEntryDoc>;
  ledger: Collection<LedgerDoc>;
  payments: Collection<PaymentDoc>;
  jobs: Collection<JobDoc>;
  vouchers: Collection<VoucherDoc>;
}

/** The collections that an event's counters can be counted from. */
export type CountCollections = Pick<BookingCollections, 'events' | 'bookings' | 'waitlist' | 'ledger' | 'vouchers'>;

/** The collections that say whose money there is, and for what. */
export type PaymentCollections = Pick<BookingCollections, 'bookings' | 'payments'>;

export function bookingCollections(database: Db): BookingCollections {
  return {
    events: database.collection<EventDoc>('events'),
    bookings: database.collection<BookingDoc>('bookings'),
    waitlist: database.collection<WaitlistEntryDoc>('waitlist'),
    ledger: database.collection<LedgerDoc>('ledger'),
    payments: database.collection<PaymentDoc>('payments'),
    jobs: database.collection<JobDoc>('jobs'),
    vouchers: database.collection<VoucherDoc>('vouchers'),
  };
}

/** What the engine works on: it hands this to the functions of the store, and knows nothing of what is in it. */
export interface BookingStore {
  client: MongoClient;
  /** For inserts of many documents in one message. */
  database: Db;
  collections: BookingCollections;
  serverTurns: Collection<ServerTurnDoc>;
}

export function bookingStore({ client, database }: Pick<BookingStore, 'client' | 'database'>): BookingStore {
  const collections = bookingCollections(database);
  return { client, database, collections, serverTurns: database.collection<ServerTurnDoc>('turns') };
}
