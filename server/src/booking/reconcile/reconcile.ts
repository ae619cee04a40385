import type { ClientSession, Db, Filter, MongoClient } from 'mongodb';
import mongoose from 'mongoose';
import type { Types } from 'mongoose';
import type { EventDoc } from '#server/models/event.ts';
import { completeEvent } from '#server/models/event.ts';
import { atOneMoment } from '#server/mongo/at-one-moment.ts';
import type { BookingsCount, LedgerCount } from '../store/count.ts';
import { countBookings, countLedger, countWaitingEntries } from '../store/count.ts';
import type { TicketCounts } from '../store/queries/count-tickets.ts';
import { countBookedTickets } from '../store/queries/count-tickets.ts';
import { findMissingNumbers, findReceiptDifferences, receiptCollections } from './receipt-differences.ts';
import type { ReceiptCollections } from './receipt-differences.ts';
import type { PaymentDifference } from './unmatched-payments.ts';
import { findUnmatchedPayments } from './unmatched-payments.ts';
import type { BookingDifference } from './differing-bookings.ts';
import { findDifferingBookings } from './differing-bookings.ts';
import type { CheckInDifference } from './impossible-check-ins.ts';
import { findImpossibleCheckIns } from './impossible-check-ins.ts';
import type { VoucherUses } from '../store/vouchers/count-uses.ts';
import { countVoucherUses } from '../store/vouchers/count-uses.ts';
import type { Engine } from '../engine/engine.ts';
import type { BookingCollections } from '../store/collections.ts';
import { bookingCollections } from '../store/collections.ts';

export const DIFFERENCE_KINDS = [
  'counters',
  'tickets',
  'bookings',
  'ledger',
  'version',
  'waiting',
  'holds',
  'payments',
  'vouchers',
  'checkIns',
  'receipts',
] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** A disagreement between two sources on the same event; `what` is a sentence for operators. */
interface Difference {
  kind: DifferenceKind;
  what: string;
  /** The payment concerned, if the difference is of kind `payments` or `receipts` and concerns one. */
  paymentId?: string;
}

export interface EventReport {
  eventId: string;
  title: string;
  differences: Difference[];
}

/** The outcome of a repair; `left` needs a person. */
export interface Repair {
  repaired: boolean;
  left: Difference[];
}

/** The counts of one event, all as of one moment. */
interface Counts {
  event: EventDoc;
  ledger: LedgerCount;
  bookings: BookingsCount;
  /** The line items of the live bookings. */
  tickets: TicketCounts;
  waiting: number;
  /** Payments that are neither a booking's price nor refunded. */
  unmatchedPayments: PaymentDifference[];
  vouchers: VoucherUses;
  checkIns: CheckInDifference[];
  /** Payments whose receipts are missing or state another amount. */
  receipts: PaymentDifference[];
}

/**
 * Compares the counters of events with their bookings and ledger, and payments with bookings and receipts. Each event is
 * read as of one moment, while servers go on selling.
 */
export function createReconcile({ client, database }: { client: MongoClient; database: Db }) {
  const collections = { ...bookingCollections(database), ...receiptCollections(database) };

  /** A report on each event that matches the filter, one after the other; without differences if all agrees. */
  async function* check(filter: Filter<EventDoc> = {}): AsyncGenerator<EventReport> {
    const ids = collections.events.find(filter, { projection: { _id: 1 } }).sort({ _id: 1 });
    for await (const { _id } of ids) {
      const report = await checkEvent(_id);
      if (report) yield report;
    }
  }

  async function checkEvent(eventId: Types.ObjectId): Promise<EventReport | null> {
    return atOneMoment(client, async (session) => {
      const stored = await collections.events.findOne({ _id: eventId }, { session });
      const event = stored && completeEvent(stored);
      if (!event) return null;
      const counts = await countAll(collections, event, session);
      const differences = differencesOf(counts);
      const bookingsDiffer = differences.some(({ kind }) => kind === 'bookings' || kind === 'tickets');
      const differing = bookingsDiffer ? await findDifferingBookings(collections, eventId, session) : [];
      return {
        eventId: eventId.toHexString(),
        title: event.title,
        differences: [...differences, ...differing.map(bookingDifference)],
      };
    });
  }

  /**
   * Rewrites an event's counters from its ledger, by a command in the event's queue, if ledger and bookings agree. Seats
   * that become available by this are offered to the waiting list.
   */
  async function repair(engine: Engine, eventId: string): Promise<Repair> {
    const { outcome } = await engine.submit(eventId, { type: 'recount' });
    if (outcome.ok) await engine.submit(eventId, { type: 'offer', after: 0 });
    const report = await checkEvent(mongoose.Types.ObjectId.createFromHexString(eventId));
    return { repaired: outcome.ok, left: report?.differences ?? [] };
  }

  return { check, repair, missingReceipts: () => findMissingNumbers(collections) };
}

export type Reconcile = ReturnType<typeof createReconcile>;

async function countAll(
  collections: BookingCollections & ReceiptCollections,
  event: EventDoc,
  session: ClientSession,
): Promise<Counts> {
  const { _id } = event;
  return {
    event,
    ledger: await countLedger(collections, _id, session),
    bookings: await countBookings(collections, _id, session),
    tickets: await countBookedTickets(collections, _id, session),
    waiting: await countWaitingEntries(collections, _id, session),
    unmatchedPayments: await findUnmatchedPayments(collections, _id, session),
    vouchers: await countVoucherUses(collections, _id, session),
    checkIns: await findImpossibleCheckIns(collections, _id, session),
    receipts: await findReceiptDifferences(collections, _id, session),
  };
}

/** All disagreements between the counts. */
function differencesOf(counts: Counts): Difference[] {
  const { event, ledger, bookings, waiting, unmatchedPayments } = counts;
  const counted = ledger.available + ledger.held + ledger.sold;
  const latest = bookings.holdsUntil?.toISOString() ?? null;
  return [
    ...unequal('counters', 'totalSeats of the event', event.totalSeats, 'the ledger', counted),
    ...unequal('counters', 'availableSeats of the event', event.availableSeats, 'the ledger', ledger.available),
    ...unequal('counters', 'heldSeats of the event', event.heldSeats, 'the ledger', ledger.held),
    ...unequal('counters', 'soldSeats of the event', event.soldSeats, 'the ledger', ledger.sold),
    ...unequal('bookings', 'the sum of held seats in bookings', bookings.held, 'the ledger', ledger.held),
    ...unequal('bookings', 'the sum of confirmed seats in bookings', bookings.sold, 'the ledger', ledger.sold),
    ...unequal('bookings', 'the number of bookings', bookings.made, 'the ledger', ledger.made),
    ...ticketDifferences(counts),
    ...ledgerDifferences(ledger),
    ...unequal('version', 'the version of the event', event.version, 'the ledger', ledger.last),
    ...unequal('waiting', 'waitingCount of the event', event.waitingCount, 'the waiting list', waiting),
    ...unequal('holds', 'holdsUntil of the event', event.holdsUntil?.toISOString() ?? null, 'the bookings', latest),
    ...unmatchedPayments.map((difference): Difference => ({ kind: 'payments', ...difference })),
    ...voucherDifferences(counts.vouchers),
    ...counts.checkIns.map(checkInDifference),
    ...counts.receipts.map((difference): Difference => ({ kind: 'receipts', ...difference })),
  ];
}

type Countable = number | string | null;

function unequal(kind: DifferenceKind, name: string, is: Countable, witness: string, says: Countable): Difference[] {
  return is === says ? [] : [{ kind, what: `${name} is ${is}, ${witness} says ${says}` }];
}

/** Of each ticket type: the event's counters against the line items of the bookings; and of these, all their seats. */
function ticketDifferences({ event, bookings, tickets }: Counts): Difference[] {
  const known = event.ticketTypes.map(({ id }) => id);
  const unknown = [...tickets.keys()].filter((id) => !known.includes(id));
  const seats = (what: 'heldSeats' | 'soldSeats') => [...tickets.values()].reduce((sum, count) => sum + count[what], 0);
  return [
    ...event.ticketTypes.flatMap(({ id, held, sold }) => [
      ...unequal('tickets', `held of the ticket type ${id}`, held, 'the bookings', tickets.get(id)?.held ?? 0),
      ...unequal('tickets', `sold of the ticket type ${id}`, sold, 'the bookings', tickets.get(id)?.sold ?? 0),
    ]),
    ...unknown.map((id): Difference => ({
      kind: 'tickets',
      what: `bookings have tickets of ${id}, the event does not`,
    })),
    ...unequal('tickets', 'the held seats of all tickets', seats('heldSeats'), 'the bookings', bookings.held),
    ...unequal('tickets', 'the sold seats of all tickets', seats('soldSeats'), 'the bookings', bookings.sold),
  ];
}

/** A wrong counter also appears in later ledger documents; a recount corrects all documents before it. */
function ledgerDifferences({ missing, wrong, recounted, documents }: LedgerCount): Difference[] {
  const gap = missing === null ? [] : [`the ledger of ${documents} documents has no number ${missing}`];
  const sum = wrong <= recounted ? [] : [`document ${wrong} of the ledger shows other seats than the sum up to it`];
  return [...gap, ...sum].map((what) => ({ kind: 'ledger', what }));
}

/** Uses of vouchers against the tickets of bookings; a voucher that was deleted by hand cannot be repaired. */
function voucherDifferences({ counted, stored }: VoucherUses): Difference[] {
  const vouchers = new Map(stored.map((voucher) => [voucher.id, voucher]));
  return [...counted].flatMap(([id, { held, used }]) => {
    const voucher = vouchers.get(id);
    if (!voucher) return [{ kind: 'vouchers', what: `voucher ${id} of ${held + used} tickets is missing` } as const];
    return [
      ...unequal('vouchers', `held of voucher ${voucher.code}`, voucher.held, 'the bookings', held),
      ...unequal('vouchers', `used of voucher ${voucher.code}`, voucher.used, 'the bookings', used),
    ];
  });
}

/** Nothing else counts who is inside, so a person has to decide what is right. */
function checkInDifference({ id, seats, inside, personally }: CheckInDifference): Difference {
  const what = `booking ${id} of ${seats} seats has ${inside} inside, ${personally} of them by their own tickets`;
  return { kind: 'checkIns', what };
}

function bookingDifference({ id, stored, ledger }: BookingDifference): Difference {
  return {
    kind: 'bookings',
    what: `booking ${id} is ${stored ?? 'missing'}, the ledger says ${ledger ?? 'nothing of it'}`,
  };
}
