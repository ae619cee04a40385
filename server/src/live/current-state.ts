import { Types } from 'mongoose';
import type { Log } from '#server/log.ts';
import type { EventDoc } from '#server/models/event.ts';
import { completeEvent } from '#server/models/event.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { Models } from '#server/models/models.ts';

/** Seats of an event that ended longer ago than this no longer change. */
const OVER_MS = 86_400_000;
/** Clocks of servers differ. What this margin reads twice is pushed with the same version, which clients tolerate. */
export const CLOCK_MARGIN_MS = 10_000;

interface CurrentStateDeps {
  models: Pick<Models, 'events' | 'ledger'>;
  now: () => Date;
  log: Log;
}

/** Where the documents that were read go. */
interface StateReaders {
  ledger(doc: LedgerDoc): void;
  event(doc: EventDoc): void;
}

/**
 * Reads what the feed cannot have broadcast: the ledger's documents since a gap began (`since`, `null` at the start of
 * the process), then the events that are not long over. Rejects where the database cannot answer.
 */
export async function readCurrentState(
  deps: CurrentStateDeps,
  since: Date | null,
  readers: StateReaders,
): Promise<void> {
  // The ledger first: the events hold the present counters, also where they were corrected by hand since.
  if (since) await readLedger(deps, since, readers);
  await readEvents(deps, readers);
}

async function readLedger({ models, log }: CurrentStateDeps, since: Date, readers: StateReaders): Promise<void> {
  const from = Types.ObjectId.createFromTime(Math.floor((since.getTime() - CLOCK_MARGIN_MS) / 1_000));
  const missed = models.ledger.find({ _id: { $gte: from } }).sort({ _id: 1 });
  for await (const doc of missed.lean<LedgerDoc>().cursor()) attempt(log, () => readers.ledger(doc as LedgerDoc));
}

async function readEvents({ models, log, now }: CurrentStateDeps, readers: StateReaders): Promise<void> {
  const lately = new Date(now().getTime() - OVER_MS);
  const current = models.events.find({ $or: [{ startsAt: { $gte: lately } }, { endsAt: { $gte: lately } }] });
  for await (const doc of current.lean<EventDoc>().cursor())
    attempt(log, () => readers.event(completeEvent(doc as EventDoc)));
}

/** Runs a reader; one document that breaks its schema must not keep the others from being pushed. */
function attempt(log: Log, reader: () => void): void {
  try {
    reader();
  } catch (error) {
    log.error({ err: error }, 'A document could not be pushed');
  }
}
