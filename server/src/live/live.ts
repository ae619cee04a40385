import type { Db } from 'mongodb';
import { Types } from 'mongoose';
import type { Log } from '../log.ts';
import type { EventDoc } from '../models/event.ts';
import type { LedgerDoc } from '../models/ledger.ts';
import type { Models } from '../models/models.ts';
import { toAvailability } from '../models/views.ts';
import type { Audience } from './audience.ts';
import { createAvailabilityPushes } from './availability.ts';
import { createChangeFeed } from './change-feed.ts';
import type { SessionChange, UserChange } from './changes.ts';
import { createEventPushes } from './events.ts';
import { createMovedEventPushes } from './personal/moved-events.ts';
import type { BookingViews } from './personal/bookings.ts';
import { createBookingPushes } from './personal/bookings.ts';
import type { SalesReads } from './sales.ts';
import { createSalesPushes } from './sales.ts';
import type { SessionConnections } from './sessions.ts';
import { endReasonOf, reviewWhileDown } from './sessions.ts';
import { createWaitlistPushes } from './personal/waitlist.ts';

/** Seats of events that are over for longer than this do not move any more. */
const OVER_MS = 86_400_000;
/** Clocks of servers differ; what is read twice is pushed with the same version. */
const CLOCK_MARGIN_MS = 10_000;

export interface LiveDeps {
  /** The feed's own connection. */
  feedDatabase: Db;
  models: Pick<Models, 'events' | 'bookings' | 'ledger' | 'waitlist'>;
  audience: Audience;
  sessionConnections: SessionConnections;
  sales: SalesReads;
  views: BookingViews;
  now: () => Date;
  monotonic: () => number;
  random: () => number;
  log: Log;
  /** How often sessions are read while the feed is down. */
  reviewMs?: number;
}

export type Live = ReturnType<typeof createLive>;

/** From what the database commits to what screens show: the feed, and everyone who listens to it. */
export function createLive(deps: LiveDeps) {
  const {
    feedDatabase,
    models,
    audience,
    sessionConnections,
    sales: salesReads,
    views,
    now,
    monotonic,
    random,
    log,
  } = deps;
  const personal = createBookingPushes({ audience, views });
  const availability = createAvailabilityPushes({
    monotonic,
    push(to, changes) {
      personal.flush();
      if (to === 'everyone') audience.pushToEveryone('availabilityChanged', { changes });
      else audience.pushToAdmins('availabilityChanged', { changes });
    },
  });
  const read = (eventId: string) => models.events.findById(eventId).lean<EventDoc>().exec();
  const waiting = createWaitlistPushes({ audience, models, monotonic, log });
  const sales = createSalesPushes({ audience, sales: salesReads, monotonic, log });
  const { moved, close: closeMoved } = createMovedEventPushes({ audience, models, views, log });
  const events = createEventPushes({ audience, availability, read, moved });

  function ledger(doc: LedgerDoc): void {
    const draft = doc.event.status === 'draft';
    personal.changed(doc);
    availability.changed(toAvailability(doc.eventId.toHexString(), doc.seq, doc.availability), draft);
    sales.ledger(doc);
  }

  const feed = createChangeFeed({
    database: feedDatabase,
    now,
    monotonic,
    random,
    log,
    handlers: {
      ledger,
      event: (doc) => events.changed(doc),
      eventEdited: (eventId) => events.editedOutside(eventId),
      waitlist: (doc) => waiting.changed(doc),
      job: (jobId) => sales.job(jobId),
      session: (sessionId, change) => applySessionChange(sessionConnections, sessionId, change),
      user: (userId, change) => applyUserChange(sessionConnections, userId, change),
      async gap(since) {
        await refresh(deps, since, { ledger, event: since ? events.seen : events.note });
        if (since) await waiting.refresh(new Date(since.getTime() - CLOCK_MARGIN_MS));
      },
    },
  });
  const stopReviews = reviewWhileDown(sessionConnections, () => feed.live, deps.reviewMs);

  return {
    feed,
    start: () => feed.start(),
    async stop(): Promise<void> {
      stopReviews();
      await feed.stop();
      availability.close();
      personal.close();
      await closeMoved();
      await waiting.close();
      await sales.close();
    },
  };
}

function applySessionChange(
  connections: SessionConnections,
  sessionId: string,
  { deleted, ended, expiresAt }: SessionChange,
): void {
  const reason = deleted ? 'expired' : endReasonOf(ended);
  if (reason) connections.endSession(sessionId, reason);
  else if (expiresAt) connections.setExpiry(sessionId, expiresAt.getTime());
}

function applyUserChange(connections: SessionConnections, userId: string, { deleted, role }: UserChange): void {
  if (deleted) connections.endUser(userId, 'account_deleted');
  else if (role) connections.changeRole(userId, role);
}

interface StateReaders {
  ledger(doc: LedgerDoc): void;
  event(doc: EventDoc): void;
}

/** What is now, for events that are not long over; after a gap also the ledger's documents since, and all sessions. */
async function refresh(deps: LiveDeps, since: Date | null, tell: StateReaders): Promise<void> {
  // The ledger first: the events tell what is true now, also where somebody counted by hand since.
  if (since) await readLedger(deps, since, tell);
  await readEvents(deps, tell);
  if (since) await deps.sessionConnections.reviewAll();
}

async function readLedger({ models, log }: LiveDeps, since: Date, tell: StateReaders): Promise<void> {
  const from = Types.ObjectId.createFromTime(Math.floor((since.getTime() - CLOCK_MARGIN_MS) / 1_000));
  const missed = models.ledger.find({ _id: { $gte: from } }).sort({ _id: 1 });
  for await (const doc of missed.lean<LedgerDoc>().cursor()) attempt(log, () => tell.ledger(doc as LedgerDoc));
}

async function readEvents({ models, log, now }: LiveDeps, tell: StateReaders): Promise<void> {
  const lately = new Date(now().getTime() - OVER_MS);
  const current = models.events.find({ $or: [{ startsAt: { $gte: lately } }, { endsAt: { $gte: lately } }] });
  for await (const doc of current.lean<EventDoc>().cursor()) attempt(log, () => tell.event(doc as EventDoc));
}

/** One document that is not what it should be must not keep the others from being shown. */
function attempt(log: Log, show: () => void): void {
  try {
    show();
  } catch (error) {
    log.error({ err: error }, 'A document could not be shown');
  }
}
