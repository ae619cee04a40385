import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { Models } from '#server/models/models.ts';
import type { Engine } from './engine/engine.ts';
import type { Lease } from '#server/jobs/lease.ts';
import { ANSWER_WITHIN_MS } from './rules/give-back.ts';
import type { Sweep, Wait } from '#server/jobs/sweep.ts';
import { startSweep } from '#server/jobs/sweep.ts';

const SWEEP_MS = 1_000;
/** Between sweeps, so that holds that cannot be ended just now do not make a hot loop. */
const MIN_PAUSE_MS = 10;
/** Holds ended in one go; the next sweep follows at once while there are more. */
const MAX_SWEEP = 2_000;

export interface HoldSweepOptions {
  models: Models;
  engine: Engine;
  lease: Lease;
  now: Now;
  log: Log;
  wait?: Wait | undefined;
}

/**
 * Ends holds by the server's clock: a sweep each second, and exactly when the next hold ends. Expiry goes through the
 * event's queue like everything else that changes seats.
 */
export function startHoldSweep({ models, engine, lease, now, log, wait }: HoldSweepOptions): Sweep {
  /** Ends every hold that is over and answers how long to wait for the next one, in milliseconds. */
  async function sweep(): Promise<number> {
    if (!(await lease.hold())) return SWEEP_MS;
    const due = await models.bookings
      .find({ status: 'held', settling: false, holdExpiresAt: { $lte: now() } })
      .sort({ holdExpiresAt: 1 })
      .limit(MAX_SWEEP)
      .lean<BookingDoc[]>();
    const unanswered = await unansweredHolds();
    await Promise.all([...due, ...unanswered].map(expire));
    return due.length === MAX_SWEEP ? MIN_PAUSE_MS : untilNext();
  }

  /** Holds that are over and whose provider has had its time to say what became of their checkout. */
  function unansweredHolds(): Promise<BookingDoc[]> {
    const since = new Date(now().getTime() - ANSWER_WITHIN_MS);
    return models.bookings
      .find({ status: 'held', settling: true, holdExpiresAt: { $lte: since } })
      .sort({ holdExpiresAt: 1 })
      .limit(MAX_SWEEP)
      .lean<BookingDoc[]>()
      .exec();
  }

  async function expire(doc: BookingDoc): Promise<void> {
    await engine.submit(doc.eventId.toHexString(), { type: 'expire', bookingId: doc._id.toHexString() });
  }

  async function untilNext(): Promise<number> {
    const next = await models.bookings
      .findOne({ status: 'held', settling: false })
      .sort({ holdExpiresAt: 1 })
      .lean<BookingDoc>();
    const wait = next?.holdExpiresAt ? next.holdExpiresAt.getTime() - now().getTime() : SWEEP_MS;
    return Math.min(Math.max(wait, MIN_PAUSE_MS), SWEEP_MS);
  }

  return startSweep(sweep, {
    pauseMs: SWEEP_MS,
    wait,
    failed: (error) => log.error({ err: error }, 'the sweep of holds failed and is tried again'),
  });
}
