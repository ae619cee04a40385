import type { Types } from 'mongoose';
import { z } from 'zod';
import { NOTIFY_MOVED } from '#server/booking/rules/notify.ts';
import type { TimeAndVenue } from '#server/booking/rules/state/event-state.ts';
import type { JobHandler, JobRun } from '#server/jobs/runner.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { JobDoc } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import type { BookingMailOptions } from './booking-mails.ts';
import { recipientsOf, withTicket } from './booking-mails.ts';
import { createBookingSnapshots } from './booking-snapshots.ts';
import type { BookingSnapshot } from './texts/booking-facts.ts';
import { eventMail, movedMail } from './booking-texts.ts';
import type { Notifier, Notification } from './sending/notifier.ts';
import type { Translator } from './texts/translator.ts';

/** Bookings read and notified at once. */
const BATCH_SIZE = 200;
const NEWEST_FIRST = -1;

const timeAndVenue = z.object({
  startsAt: z.date(),
  endsAt: z.date().nullable(),
  venue: z.string(),
  timeZone: z.string(),
});
const payloadSchema = z.object({
  eventId: z.string(),
  revision: z.number(),
  at: z.date(),
  before: timeAndVenue,
  now: timeAndVenue,
});
type Move = z.infer<typeof payloadSchema>;

type MovedMailOptions = BookingMailOptions & { models: Pick<Models, 'jobs'> };

/**
 * Notifies every buyer of a confirmed booking that the event has another time or venue. An interrupted run continues:
 * buyers who were notified are skipped. If the event was moved again meanwhile, only the last move is notified.
 */
export function createMovedMailJob(options: MovedMailOptions): JobHandler {
  return async (payload, run) => {
    const move = payloadSchema.parse(payload);
    const event = await options.models.events.findById(move.eventId).lean<EventDoc>();
    if (!event || isStale(event, move)) return;
    const moves = [move, ...(await earlierMoves(options.models, move))];
    const total = await options.models.bookings.countDocuments(affectedBookings(move));
    let done = 0;
    for await (const bookings of bookingBatches(options.models, move, run)) {
      await options.notifier.notify(await notificationsOf(options, moves, bookings), run);
      await run.progress({ done: Math.min(total, (done += bookings.length)), total });
    }
  };
}

function isStale(event: EventDoc, move: Move): boolean {
  return event.status === 'cancelled' || (event.movedAt !== null && event.movedAt > move.at);
}

/** Later bookings are left out: their buyers saw the new time and venue. */
function affectedBookings({ eventId, at }: Move) {
  return { eventId, status: 'confirmed' as const, createdAt: { $lte: at } };
}

/** Batches of the affected bookings, newest first. */
async function* bookingBatches({ bookings }: Pick<Models, 'bookings'>, move: Move, { signal }: JobRun) {
  for (let below: Types.ObjectId | null = null; ;) {
    signal.throwIfAborted();
    const found: BookingDoc[] = await bookings
      .find({ ...affectedBookings(move), ...(below && { _id: { $lt: below } }) })
      .sort({ _id: NEWEST_FIRST })
      .limit(BATCH_SIZE)
      .lean<BookingDoc[]>();
    if (found.length === 0) return;
    yield found;
    below = found.at(-1)?._id ?? null;
  }
}

/** Earlier moves of the same event, the latest first. */
async function earlierMoves({ jobs }: Pick<Models, 'jobs'>, { eventId, revision }: Move): Promise<Move[]> {
  const found = await jobs.find({ key: { $regex: `^${NOTIFY_MOVED}:${eventId}:` } }).lean<JobDoc[]>();
  const moves = found.map(({ payload }) => payloadSchema.parse(payload)).filter((move) => move.revision < revision);
  return moves.sort((a, b) => b.revision - a.revision);
}

async function notificationsOf(
  options: MovedMailOptions,
  moves: readonly Move[],
  bookings: readonly BookingDoc[],
): Promise<Notification[]> {
  const recipients = await recipientsOf(
    options.models,
    bookings.map(({ userId }) => userId),
  );
  const notified = await notifiedMoves(options.notifier, moves, bookings);
  const snapshotOf = createBookingSnapshots(
    options,
    bookings.map(({ _id }) => _id),
  );
  return bookings.flatMap((booking) => {
    const [move] = moves;
    const recipient = recipients.get(booking.userId.toHexString());
    if (!move || !recipient) return [];
    const before = lastKnownTimeAndVenue(booking, moves, notified);
    return [
      {
        fact: factOf(booking, move),
        recipient,
        compose: async (translator: Translator) =>
          composeMovedMail(options, move, await snapshotOf(booking._id), before, translator),
      },
    ];
  });
}

function notifiedMoves(
  notifier: Notifier,
  moves: readonly Move[],
  bookings: readonly BookingDoc[],
): Promise<Set<string>> {
  return notifier.notifiedFacts(bookings.flatMap((booking) => moves.map((move) => factOf(booking, move))));
}

/** The time and venue that the buyer knows: an earlier move without a notification does not count. */
function lastKnownTimeAndVenue(
  booking: BookingDoc,
  [move, ...earlier]: readonly Move[],
  notified: ReadonlySet<string>,
): TimeAndVenue | undefined {
  let known = move?.before;
  for (const earlierMove of earlier) {
    if (notified.has(factOf(booking, earlierMove)) || earlierMove.at < booking.createdAt) return known;
    known = earlierMove.before;
  }
  return known;
}

function composeMovedMail(
  options: Pick<MovedMailOptions, 'tickets'>,
  move: Move,
  snapshot: BookingSnapshot | null,
  before: TimeAndVenue | undefined,
  translator: Translator,
) {
  if (!snapshot || !before || snapshot.booking.status !== 'confirmed' || isStale(snapshot.event, move)) return null;
  const mail = movedMail(snapshot, translator, before);
  return mail && withTicket(options, snapshot, translator, eventMail(snapshot.event, translator, mail));
}

function factOf({ _id }: Pick<BookingDoc, '_id'>, { revision }: Move): string {
  return `moved:${_id.toHexString()}:${revision}`;
}
