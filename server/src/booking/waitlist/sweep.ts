import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { Engine } from '../engine/engine.ts';
import type { Lease } from '#server/jobs/lease.ts';
import type { Wait } from '#server/jobs/sweep.ts';
import { startSweep } from '#server/jobs/sweep.ts';

const SWEEP_MS = 1_000;
/** Lists of one sweep; the next one goes on. */
const MAX_LISTS = 500;
/** How often free seats are offered to a list whose parties could not take them. */
const OFFER_AGAIN_MS = 10_000;

export interface WaitlistSweepOptions {
  models: Models;
  engine: Engine;
  lease: Lease;
  now: Now;
  log: Log;
  wait?: Wait | undefined;
}

type ListedEvent = Pick<EventDoc, '_id' | 'status' | 'salesCloseAt' | 'startsAt'>;

/**
 * Looks after waiting lists by the clock: they end when sales close or the event is cancelled, and free seats that
 * nobody has offered are offered: sales have opened, or a server died before it had served a list to its end.
 */
export function startWaitlistSweep({ models, engine, lease, now, log, wait }: WaitlistSweepOptions) {
  const offeredAtMs = new Map<string, number>();

  async function sweep(): Promise<number> {
    if (!(await lease.hold())) return SWEEP_MS;
    const at = now();
    const found = await listsToTend(models, at);
    const [over, open] = [found.filter((event) => isOver(event, at)), found.filter((event) => !isOver(event, at))];
    for (const { _id } of over) await closeList(engine, _id.toHexString());
    const due = open.map(({ _id }) => _id.toHexString()).filter((id) => isOfferDue(id, at));
    for (const id of due) await engine.submit(id, { type: 'offer', after: 0 });
    return SWEEP_MS;
  }

  function isOfferDue(eventId: string, at: Date): boolean {
    for (const [id, ms] of offeredAtMs) if (at.getTime() - ms >= OFFER_AGAIN_MS) offeredAtMs.delete(id);
    if (offeredAtMs.has(eventId)) return false;
    offeredAtMs.set(eventId, at.getTime());
    return true;
  }

  return startSweep(sweep, {
    pauseMs: SWEEP_MS,
    wait,
    failed: (error) => log.error({ err: error }, 'the sweep of waiting lists failed and is tried again'),
  });
}

/** Events on whose list somebody waits although sales are over, or although seats are free. */
function listsToTend({ events }: Models, at: Date): Promise<ListedEvent[]> {
  const over = [{ salesCloseAt: { $lte: at } }, { salesCloseAt: null, startsAt: { $lte: at } }];
  return events
    .find({ waitingCount: { $gt: 0 }, $or: [{ status: 'cancelled' }, ...over, { availableSeats: { $gt: 0 } }] })
    .select({ status: 1, salesCloseAt: 1, startsAt: 1 })
    .limit(MAX_LISTS)
    .lean<ListedEvent[]>()
    .exec();
}

function isOver({ status, salesCloseAt, startsAt }: ListedEvent, at: Date): boolean {
  return status === 'cancelled' || (salesCloseAt ?? startsAt) <= at;
}

/** One batch after the other, as long as each makes the list shorter: an edit may have put off the end of sales. */
async function closeList(engine: Engine, eventId: string): Promise<void> {
  for (let left = Infinity; left > 0;) {
    const { event } = await engine.submit(eventId, { type: 'closeWaitlist' });
    const waiting = event?.waitingCount ?? left;
    if (waiting >= left) return;
    left = waiting;
  }
}
