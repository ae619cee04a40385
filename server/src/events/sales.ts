import type { Db, MongoClient } from 'mongodb';
import { Types } from 'mongoose';
import { cancelEventJobKey } from '#server/booking/rules/edit.ts';
import type { Refund } from '#server/booking/rules/payments/attempt.ts';
import type { BookingCollections } from '#server/booking/store/collections.ts';
import { bookingCollections } from '#server/booking/store/collections.ts';
import type { EventDoc } from '#server/models/event.ts';
import { completeEvent } from '#server/models/event.ts';
import { availabilityOf } from '#server/models/views.ts';
import { atOneMoment } from '#server/mongo/at-one-moment.ts';
import type { BookingStatus } from '#shared/booking.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { CancellationProgress, EventStats, SalesFigures, TypeSales } from '#shared/organiser.ts';
import { readSalesByType, REVENUE } from './sales-by-type.ts';

/** The sums of one status and hour. */
interface Sum {
  _id: { status: BookingStatus; hour: Date };
  bookings: number;
  seats: number;
  amount: number;
  checkedIn: number;
  /** Tickets for which a voucher was used, and what it took off them. */
  voucherTickets: number;
  discount: number;
}

/** The sum of a number of tickets (`$$this`) that their voucher concerns; most bookings have none. */
function ofVoucher(number: object | string): object {
  const isConcerned = { $ne: [{ $type: '$$this.discount' }, 'missing'] };
  const sum = { $sum: { $map: { input: '$tickets', in: { $cond: [isConcerned, number, 0] } } } };
  return { $cond: ['$voucher', sum, 0] };
}

/** One pass over the event's bookings gives all figures of its sale. */
const SUMS = {
  $group: {
    _id: { status: '$status', hour: { $dateTrunc: { date: '$createdAt', unit: 'hour' } } },
    bookings: { $sum: 1 },
    seats: { $sum: '$seats' },
    amount: { $sum: REVENUE },
    checkedIn: { $sum: '$checkedInSeats' },
    voucherTickets: { $sum: ofVoucher('$$this.count') },
    discount: { $sum: ofVoucher({ $multiply: ['$$this.count', '$$this.discount'] }) },
  },
};

/** The payload of a job on an event or a payment, as far as the figures need it. */
interface JobPayload {
  eventId?: string;
  paymentId?: string;
  refundKey?: string;
}

/** The figures of an event as of one of its versions. */
interface SalesAt {
  version: number;
  figures: SalesFigures;
}

export type Sales = ReturnType<typeof createSales>;

interface SalesOptions {
  client: MongoClient;
  database: Db;
  /** How many users are reminded of the opening of an event's sale. */
  countReminders(eventId: string): Promise<number>;
}

/** The figures of an event's sale for organisers, counted by the database on each request. */
export function createSales({ client, database, countReminders }: SalesOptions) {
  const { events, bookings, jobs, payments } = bookingCollections(database);

  /** Null if there is no such event. */
  async function readSales(eventId: string): Promise<{ event: EventDoc; sums: Sum[]; figures: SalesFigures } | null> {
    const _id = Types.ObjectId.createFromHexString(eventId);
    const counted = await atOneMoment(client, async (session) => {
      const stored = await events.findOne({ _id }, { session });
      const event = stored && completeEvent(stored);
      if (!event) return null;
      const sums = await bookings.aggregate<Sum>([{ $match: { eventId: _id } }, SUMS], { session }).toArray();
      const confirmed = sumsOf(sums, 'confirmed');
      const sold = { event, seats: total(confirmed, 'seats'), amount: total(confirmed, 'amount') };
      return { event, sums, byTicketType: await readSalesByType({ bookings }, sold, session) };
    });
    if (!counted) return null;
    const [callingOff, refunds, reminders] = await Promise.all([
      progressOf(jobs, cancelEventJobKey(eventId)),
      countRefunds({ payments, jobs }, _id),
      countReminders(eventId),
    ]);
    const { event, sums, byTicketType } = counted;
    return { event, sums, figures: figuresOf(event, sums, { callingOff, refunds, reminders, byTicketType }) };
  }

  return {
    /** The figures that `salesChanged` pushes; null if there is no such event. */
    async figures(eventId: string): Promise<SalesAt | null> {
      const found = await readSales(eventId);
      return found && { version: found.event.version, figures: found.figures };
    },
    /** The reply to `eventStats`. */
    async stats(eventId: string): Promise<Result<EventStats>> {
      const found = await readSales(eventId.toLowerCase());
      return found ? ok(statsOf(found)) : refuse('NOT_FOUND');
    },
    /** The id of the event that a job concerns; null if it concerns none. */
    async eventOfJob(jobId: string): Promise<string | null> {
      const job = await jobs.findOne({ _id: Types.ObjectId.createFromHexString(jobId) });
      const { eventId, paymentId } = (job?.payload ?? {}) as JobPayload;
      if (eventId !== undefined || paymentId === undefined) return eventId ?? null;
      const payment = await payments.findOne({ _id: Types.ObjectId.createFromHexString(paymentId) });
      return payment?.eventId.toHexString() ?? null;
    },
  };
}

function statsOf({
  event,
  sums,
  figures: { eventId: _, ...figures },
}: {
  event: EventDoc;
  sums: Sum[];
  figures: SalesFigures;
}): EventStats {
  const hours = sumsOf(sums, 'confirmed').sort((a, b) => a._id.hour.getTime() - b._id.hour.getTime());
  return {
    availability: availabilityOf(event),
    ...figures,
    cancelled: total(sumsOf(sums, 'cancelled'), 'bookings'),
    expired: total(sumsOf(sums, 'expired'), 'bookings'),
    salesByHour: hours.map(({ _id, seats, amount }) => ({ at: _id.hour.toISOString(), seats, amount })),
  };
}

function figuresOf(
  event: EventDoc,
  sums: readonly Sum[],
  {
    callingOff,
    refunds,
    reminders,
    byTicketType,
  }: Pick<SalesFigures, 'callingOff' | 'refunds' | 'reminders'> & {
    byTicketType: TypeSales[];
  },
): SalesFigures {
  const confirmed = sumsOf(sums, 'confirmed');
  const { currency } = event.price;
  return {
    eventId: event._id.toHexString(),
    confirmed: total(confirmed, 'bookings'),
    revenue: { amount: total(confirmed, 'amount'), currency },
    waiting: event.waitingCount,
    reminders,
    checkedIn: total(confirmed, 'checkedIn'),
    refunds,
    callingOff,
    byTicketType,
    vouchers: {
      tickets: total(confirmed, 'voucherTickets'),
      discount: { amount: total(confirmed, 'discount'), currency },
    },
  };
}

function sumsOf(sums: readonly Sum[], status: BookingStatus): Sum[] {
  return sums.filter(({ _id }) => _id.status === status);
}

function total(sums: readonly Sum[], field: Exclude<keyof Sum, '_id'>): number {
  return sums.reduce((amount, sum) => amount + sum[field], 0);
}

async function progressOf(jobs: BookingCollections['jobs'], key: string): Promise<CancellationProgress | null> {
  const job = await jobs.findOne({ key });
  if (!job) return null;
  const { taken } = job.payload as { taken?: { bookings: number; waiting: number } };
  const progress = job.progress ?? { done: 0, total: taken ? taken.bookings + taken.waiting : 0 };
  return { state: job.state === 'done' || job.state === 'failed' ? job.state : 'running', ...progress };
}

/** Void refunds move no money, and a dispute is no refund until it is lost. */
type Moving = Exclude<Refund['status'], 'void' | 'disputed'>;

const REFUND_STATES: Readonly<Record<Moving, keyof SalesFigures['refunds']>> = {
  ordered: 'pending',
  pending: 'pending',
  done: 'done',
  refused: 'failed',
};

type RefundCollections = Pick<BookingCollections, 'payments' | 'jobs'>;

/** Refunds by their state; a failed refund needs a person. */
async function countRefunds(collections: RefundCollections, eventId: Types.ObjectId): Promise<SalesFigures['refunds']> {
  const statuses = Object.keys(REFUND_STATES) as Moving[];
  const isMoving = { 'refunds.status': { $in: statuses } };
  const found = collections.payments.aggregate<{ _id: Moving; count: number }>([
    { $match: { ...isMoving, eventId } },
    { $unwind: '$refunds' },
    { $match: isMoving },
    { $group: { _id: '$refunds.status', count: { $sum: 1 } } },
  ]);
  const refunds = { pending: 0, done: 0, failed: 0 };
  for await (const { _id, count } of found) refunds[REFUND_STATES[_id]] += count;
  const givenUp = await countGivenUp(collections, eventId);
  return { ...refunds, pending: refunds.pending - givenUp, failed: refunds.failed + givenUp };
}

/** Refunds that were never sent to the provider, because their job has given up. */
async function countGivenUp({ payments, jobs }: RefundCollections, eventId: Types.ObjectId): Promise<number> {
  const failed = await jobs.find({ state: 'failed', kind: 'refund' }).toArray();
  const payloads = failed.map(({ payload }) => payload as JobPayload);
  const ids = payloads.flatMap(({ paymentId }) => (paymentId ? [Types.ObjectId.createFromHexString(paymentId)] : []));
  if (ids.length === 0) return 0;
  const keys = new Set(payloads.map(({ refundKey }) => refundKey));
  const found = await payments.find({ _id: { $in: ids }, eventId }).toArray();
  const refunds = found.flatMap((payment) => payment.refunds);
  return refunds.filter(({ key, status }) => status === 'ordered' && keys.has(key)).length;
}
