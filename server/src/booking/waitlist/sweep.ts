import type { Now } from '#server/clock.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import type { Models } from '#server/models/models.ts';
import type { Engine } from '../engine/engine.ts';
import type { EventWithWaitlist } from '../store/queries/waitlist-queries.ts';
import { findEventsToServe } from '../store/queries/waitlist-queries.ts';

const SWEEP_MS = 1_000;
/** Waiting lists served by one sweep; the next sweep continues. */
const MAX_WAITLISTS = 500;
/** How often available seats are offered to a waiting list on which no party size fits them. */
const OFFER_AGAIN_MS = 10_000;

interface WaitlistSweepOptions {
  models: Pick<Models, 'events'>;
  engine: Engine;
  now: Now;
}

/**
 * Serves waiting lists by the server's clock. Closes them when sales close or the event is cancelled, and offers
 * available seats that no batch has offered: sales have opened, or a server died while it was serving the list.
 */
export function createWaitlistSweep({ models, engine, now }: WaitlistSweepOptions): SweepTask {
  const offeredAtMs = new Map<string, number>();

  async function sweep(): Promise<number> {
    const at = now();
    const found = await findEventsToServe(models, at, MAX_WAITLISTS);
    for (const event of found) if (isOver(event, at)) await closeWaitlist(engine, event._id.toHexString());
    const open = found.filter((event) => !isOver(event, at)).map(({ _id }) => _id.toHexString());
    for (const eventId of open.filter((id) => isOfferDue(id, at)))
      await engine.submit(eventId, { type: 'offer', after: 0 });
    return SWEEP_MS;
  }

  function isOfferDue(eventId: string, at: Date): boolean {
    for (const [id, ms] of offeredAtMs) if (at.getTime() - ms >= OFFER_AGAIN_MS) offeredAtMs.delete(id);
    if (offeredAtMs.has(eventId)) return false;
    offeredAtMs.set(eventId, at.getTime());
    return true;
  }

  return { sweep, everyMs: SWEEP_MS, failure: 'The sweep of waiting lists failed and will be retried' };
}

function isOver({ status, salesCloseAt, startsAt }: EventWithWaitlist, at: Date): boolean {
  return status === 'cancelled' || (salesCloseAt ?? startsAt) <= at;
}

/** Closes the list batch by batch, while each batch makes it shorter: an edit may have postponed the end of sales. */
async function closeWaitlist(engine: Engine, eventId: string): Promise<void> {
  for (let left = Infinity; left > 0;) {
    const { event } = await engine.submit(eventId, { type: 'closeWaitlist' });
    const waiting = event?.waitingCount ?? left;
    if (waiting >= left) return;
    left = waiting;
  }
}
