import type { Now } from '#server/clock.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import type { Models } from '#server/models/models.ts';
import type { Engine } from './engine/engine.ts';
import { ANSWER_WITHIN_MS } from './rules/give-back.ts';
import type { BookingIds } from './store/queries/booking-queries.ts';
import { findEndedHolds, findNextHoldEnd } from './store/queries/booking-queries.ts';

const SWEEP_MS = 1_000;
/** The shortest time between sweeps, so that holds that cannot be ended just now do not make a hot loop. */
const MIN_DELAY_MS = 10;
/** Holds ended by one sweep; the next sweep follows at once while there are more. */
const MAX_SWEEP = 2_000;

interface HoldSweepOptions {
  models: Pick<Models, 'bookings'>;
  engine: Engine;
  now: Now;
}

/**
 * Ends holds by the server's clock: sweeps each second, and exactly when the next hold ends. Expiry goes through the
 * event's queue like every other change of seats.
 */
export function createHoldSweep({ models, engine, now }: HoldSweepOptions): SweepTask {
  /** Ends every hold that is over; resolves with the milliseconds until the next sweep. */
  async function sweep(): Promise<number> {
    const due = await findEndedHolds(models, { settling: false, at: now(), limit: MAX_SWEEP });
    // The provider had this long to report the outcome of the hold's checkout.
    const answeredBy = new Date(now().getTime() - ANSWER_WITHIN_MS);
    const unanswered = await findEndedHolds(models, { settling: true, at: answeredBy, limit: MAX_SWEEP });
    await Promise.all([...due, ...unanswered].map(expire));
    return due.length === MAX_SWEEP ? MIN_DELAY_MS : untilNextMs();
  }

  async function expire({ _id, eventId }: BookingIds): Promise<void> {
    await engine.submit(eventId.toHexString(), { type: 'expire', bookingId: _id.toHexString() });
  }

  async function untilNextMs(): Promise<number> {
    const next = await findNextHoldEnd(models);
    const delayMs = next ? next.getTime() - now().getTime() : SWEEP_MS;
    return Math.min(Math.max(delayMs, MIN_DELAY_MS), SWEEP_MS);
  }

  return { sweep, everyMs: SWEEP_MS, failure: 'The sweep of holds failed and will be retried' };
}
