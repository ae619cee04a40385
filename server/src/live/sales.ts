import type { SalesFigures } from '#shared/organiser.ts';
import type { Log } from '../log.ts';
import type { LedgerDoc, LedgerEntry, LedgerKind } from '../models/ledger.ts';
import type { Audience } from './audience.ts';

/** At most one push in this time, for all events together. */
export const SALES_FRAME_MS = 500;
/** Counting anew that takes long rests for so many times as long: at most a tenth of the database's time goes there. */
const REST = 9;

/** What live/sales.ts reads of an event that it cannot tell from the ledger alone. */
export interface SalesReads {
  figures(eventId: string): Promise<{ version: number; figures: SalesFigures } | null>;
  eventOfJob(jobId: string): Promise<string | null>;
}

/** An event of which something has changed: its figures as of a version, and the ledger's documents since they were asked for. */
interface FollowedSale {
  known: { version: number; figures: SalesFigures } | null;
  since: LedgerDoc[];
}

export interface SalesPushDeps {
  audience: Audience;
  sales: SalesReads;
  monotonic: () => number;
  log: Log;
}

export type SalesPushes = ReturnType<typeof createSalesPushes>;

/**
 * Pushes the figures of a sale to organisers, while any of them is here. An event is counted once; sales are then added up
 * from the ledger, so that a crowd costs no reads. What is rare (cancelling, refunds, the door) has it counted again.
 */
export function createSalesPushes({ audience, sales, monotonic, log }: SalesPushDeps) {
  const followed = new Map<string, FollowedSale>();
  const dirty = new Set<string>();
  const jobs = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let restUntilMs = 0;
  let closed = false;

  function wake(): void {
    if (closed || timer) return;
    timer = setTimeout(() => (running = frame()), Math.max(0, restUntilMs - monotonic()));
  }

  function ledger(doc: LedgerDoc): void {
    if (!audience.hasAdmins()) return forget();
    const eventId = doc.eventId.toHexString();
    const event = followed.get(eventId) ?? { known: null, since: [] };
    followed.set(eventId, event);
    if (event.known) event.known = added(event.known, doc);
    else event.since.push(doc);
    dirty.add(eventId);
    wake();
  }

  /** Nobody looks: whoever comes asks first, and what is pushed then is counted anew. */
  function forget(): void {
    followed.clear();
    dirty.clear();
    jobs.clear();
  }

  async function frame(): Promise<void> {
    const beganMs = monotonic();
    const due = new Set(dirty);
    try {
      await readJobs(due);
      dirty.clear();
      const changes = await collect(due);
      if (changes.length > 0) audience.pushToAdmins('salesChanged', { changes });
    } catch (error) {
      log.warn({ err: error }, 'The figures of a sale could not be read and are tried again');
      for (const eventId of due) dirty.add(eventId);
    }
    const tookMs = monotonic() - beganMs;
    restUntilMs = beganMs + Math.max(SALES_FRAME_MS, tookMs * (REST + 1));
    timer = null;
    if (dirty.size + jobs.size > 0) wake();
  }

  /** The events that these jobs are about are counted again. */
  async function readJobs(due: Set<string>): Promise<void> {
    for (const jobId of jobs) {
      const eventId = await sales.eventOfJob(jobId);
      jobs.delete(jobId);
      if (eventId === null) continue;
      followed.set(eventId, { known: null, since: [] });
      due.add(eventId);
    }
  }

  async function collect(due: ReadonlySet<string>): Promise<SalesFigures[]> {
    const changes: SalesFigures[] = [];
    for (const eventId of due) {
      const event = followed.get(eventId);
      const known = event && (event.known ?? (await count(eventId, event)));
      if (known) changes.push(known.figures);
    }
    return changes;
  }

  /** Counted as of a version; what the ledger has told meanwhile is added, as far as it is newer. */
  async function count(eventId: string, event: FollowedSale) {
    const from = event.since.length;
    const counted = await sales.figures(eventId);
    if (!counted) return null;
    event.known = event.since.reduce<FollowedSale['known']>(added, counted);
    const complete = event.known !== null;
    // What cannot be added up came while it was counted: shown as it was, and counted again.
    event.since = complete ? [] : event.since.slice(from);
    if (!complete) dirty.add(eventId);
    return event.known ?? counted;
  }

  return {
    ledger,
    /** A job has come further, or has given up. */
    job(jobId: string): void {
      if (!audience.hasAdmins()) return;
      jobs.add(jobId);
      wake();
    },
    async close(): Promise<void> {
      closed = true;
      if (timer) clearTimeout(timer);
      await running;
    },
  };
}

/** Kinds that move nothing that is shown here, and kinds that sell. */
const STILL: ReadonlySet<string> = new Set([
  ...['created', 'capacity', 'held', 'offered', 'resized', 'released', 'expired'],
  ...['paying', 'declined', 'unpaid', 'settling'],
]);
const SOLD: ReadonlySet<string> = new Set<LedgerKind>(['booked', 'confirmed', 'revived']);

/** The figures after one more document of the ledger; null where they have to be counted again. */
function added(known: FollowedSale['known'], { seq, entries, availability }: LedgerDoc): FollowedSale['known'] {
  if (!known || seq <= known.version) return known;
  if (seq > known.version + 1 || !entries.every(({ kind }) => STILL.has(kind) || SOLD.has(kind))) return null;
  const sold = entries.filter(({ kind }) => SOLD.has(kind));
  const amount = sold.reduce((sum, entry) => sum + worth(entry), known.figures.revenue.amount);
  return {
    version: seq,
    figures: {
      ...known.figures,
      confirmed: known.figures.confirmed + sold.length,
      revenue: { ...known.figures.revenue, amount },
      waiting: availability.waitingCount,
    },
  };
}

function worth({ sold, booking }: LedgerEntry): number {
  return sold * (booking?.price.amount ?? 0);
}
