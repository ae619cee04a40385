import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { Models } from '#server/models/models.ts';
import type { Engine } from './engine.ts';
import type { Lease } from './lease.ts';

const SWEEP_MS = 1_000;
/** Between sweeps, so that holds that cannot be ended just now do not make a hot loop. */
const MIN_PAUSE_MS = 10;
/** Holds ended in one go; the next sweep follows at once while there are more. */
const MAX_SWEEP = 2_000;

export interface HoldsOptions {
  models: Models;
  engine: Engine;
  lease: Lease;
  now: Now;
  log: Log;
}

/**
 * Ends holds by the server's clock: a sweep each second, and exactly when the next hold ends. Expiry goes through the
 * event's queue like everything else that changes seats.
 */
export function startHolds({ models, engine, lease, now, log }: HoldsOptions) {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let running: Promise<void> = Promise.resolve();

  /** Ends every hold that is over and answers how long to wait for the next one, in milliseconds. */
  async function sweep(): Promise<number> {
    if (!(await lease.hold())) return SWEEP_MS;
    const due = await models.bookings
      .find({ status: 'held', settling: false, holdExpiresAt: { $lte: now() } })
      .sort({ holdExpiresAt: 1 })
      .limit(MAX_SWEEP)
      .lean<BookingDoc[]>();
    await Promise.all(due.map(expire));
    return due.length === MAX_SWEEP ? MIN_PAUSE_MS : untilNext();
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

  async function tick(): Promise<void> {
    let waitMs = SWEEP_MS;
    try {
      waitMs = await sweep();
    } catch (error) {
      log.error({ err: error }, 'the sweep of holds failed and is tried again');
    }
    if (!closed) schedule(waitMs);
  }

  function schedule(waitMs: number): void {
    timer = setTimeout(() => {
      running = tick();
    }, waitMs);
  }

  schedule(0);

  return {
    async close(): Promise<void> {
      closed = true;
      clearTimeout(timer);
      await running;
      await lease.release();
    },
  };
}
