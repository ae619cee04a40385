import type { Db } from 'mongodb';
import { Types } from 'mongoose';
import type { Log } from '#server/log.ts';
import type { EventDoc } from '#server/models/event.ts';
import { completeEvent } from '#server/models/event.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { Models } from '#server/models/models.ts';
import { toAvailability } from '#server/models/views.ts';
import type { Tracing } from '#server/tracing/tracing.ts';
import type { Audience } from './audience.ts';
import { createAvailabilityPushes } from './availability.ts';
import { createChangeFeed } from './change-feed.ts';
import { CLOCK_MARGIN_MS, readCurrentState } from './current-state.ts';
import { createEventPushes } from './events.ts';
import type { BookingViews } from './personal/bookings.ts';
import { createBookingPushes } from './personal/bookings.ts';
import { createMovedEventPushes } from './personal/moved-events.ts';
import { createReminderPushes } from './personal/reminders.ts';
import { createWaitlistPushes } from './personal/waitlist.ts';
import type { SalesReads } from './sales.ts';
import { createSalesPushes } from './sales.ts';
import type { SessionConnections } from './sessions.ts';
import { applySessionChange, applyUserChange, reviewWhileDown } from './sessions.ts';

/** What the process knows of the events, as the change feed tells it. */
interface KnownEventsFeed {
  /** An event was created or edited, or read because its changes are not known. */
  put(doc: EventDoc): void;
  putOutsideEdit(doc: EventDoc): void;
  putCounters(eventId: string, counters: LedgerDoc['availability'] & { version: number }): void;
  forget(eventId: string): void;
  /** Forgets all events: those that are not long over follow. */
  begin(): void;
  /** Serves what it knows only while this is true. */
  serveWhile(feedIsCurrent: () => boolean): void;
}

interface LiveDeps {
  /** On a connection of the feed's own. */
  feedDatabase: Db;
  models: Pick<Models, 'events' | 'bookings' | 'ledger' | 'waitlist' | 'reminders'>;
  audience: Audience;
  sessionConnections: SessionConnections;
  sales: SalesReads;
  views: BookingViews;
  knownEvents: KnownEventsFeed;
  tracing: Pick<Tracing, 'received' | 'pushed'> | null;
  now: () => Date;
  monotonic: () => number;
  random: () => number;
  log: Log;
  /** Milliseconds between two reviews of the sessions while the feed is down; tests shorten it. */
  reviewMs?: number | undefined;
}

/** From the database's commits to the screens: the change feed, and the pushes that follow from each kind of change. */
export function createLive(deps: LiveDeps) {
  const { feedDatabase, models, audience, sessionConnections, views, knownEvents, tracing } = deps;
  const { now, monotonic, random, log } = deps;
  const bookings = createBookingPushes({ audience, views });
  const availability = createAvailabilityPushes({
    monotonic,
    frameIntervalMs: () => audience.frameIntervalMs,
    push(recipients, changes) {
      bookings.flush();
      if (recipients === 'everyone') audience.pushSeats(changes);
      else audience.pushToAdmins('availabilityChanged', { changes });
      if (tracing) for (const { eventId, version } of changes) tracing.pushed(eventId, version);
    },
  });
  const waitlist = createWaitlistPushes({ audience, models, monotonic, log });
  const reminders = createReminderPushes({ audience, models });
  const sales = createSalesPushes({ audience, sales: deps.sales, monotonic, log });
  const movedEvents = createMovedEventPushes({ audience, models, views, log });
  const events = createEventPushes({
    audience,
    availability,
    readOutsideEdit,
    onMoved: movedEvents.pushBookingsOf,
  });

  async function readOutsideEdit(eventId: string): Promise<EventDoc | null> {
    // Without mongoose, which takes longer than the push of a few hundred clients.
    const stored = await models.events.collection.findOne({ _id: Types.ObjectId.createFromHexString(eventId) });
    const doc = stored && completeEvent(stored as EventDoc);
    if (doc) knownEvents.putOutsideEdit(doc);
    else knownEvents.forget(eventId);
    return doc;
  }

  function pushLedger(doc: LedgerDoc): void {
    const isDraft = doc.event.status === 'draft';
    tracing?.received(doc.eventId.toHexString(), doc.seq);
    knownEvents.putCounters(doc.eventId.toHexString(), { ...doc.availability, version: doc.seq });
    bookings.pushLedger(doc);
    availability.pushChange(toAvailability(doc.eventId.toHexString(), doc.seq, doc.availability), isDraft);
    sales.pushLedger(doc);
  }

  /** At the start of the process clients have no older state: it is remembered rather than pushed. */
  async function fillGap(since: Date | null): Promise<void> {
    knownEvents.begin();
    const show = since ? events.pushDifference : events.remember;
    const event = (doc: EventDoc): void => {
      knownEvents.put(doc);
      show(doc);
    };
    await readCurrentState({ models, now, log }, since, { ledger: pushLedger, event });
    if (!since) return;
    await sessionConnections.reviewAll();
    const shownSince = new Date(since.getTime() - CLOCK_MARGIN_MS);
    await waitlist.pushSince(shownSince);
    await reminders.pushSince(shownSince);
  }

  const feed = createChangeFeed({
    database: feedDatabase,
    handlers: {
      ledger: pushLedger,
      event(doc) {
        knownEvents.put(doc);
        events.pushChange(doc);
      },
      eventEdited: (eventId) => events.pushOutsideEdit(eventId),
      eventDeleted: knownEvents.forget,
      waitlist: (doc) => waitlist.pushChange(doc),
      reminder(doc) {
        reminders.pushChange(doc);
        sales.recount(doc.eventId.toHexString());
      },
      job: (jobId) => sales.pushJob(jobId),
      session: (sessionId, change) => applySessionChange(sessionConnections, sessionId, change),
      user: (userId, change) => applyUserChange(sessionConnections, userId, change),
      gap: fillGap,
    },
    now,
    monotonic,
    random,
    log,
  });
  knownEvents.serveWhile(() => feed.isCurrent);
  let stopReviews = (): void => undefined;

  return {
    feed,
    /** Resolves when each later commit is broadcast; rejects if the database cannot be reached. */
    async start(): Promise<void> {
      stopReviews = reviewWhileDown(sessionConnections, () => feed.live, deps.reviewMs);
      await feed.start();
    },
    async stop(): Promise<void> {
      stopReviews();
      await feed.stop();
      availability.close();
      bookings.close();
      await movedEvents.close();
      await waitlist.close();
      await sales.close();
    },
  };
}
