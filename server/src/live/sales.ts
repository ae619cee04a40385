import type { SalesFigures, TypeSales } from '#shared/organiser.ts';
import type { Log } from '#server/log.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { LedgerDoc, LedgerKind } from '#server/models/ledger.ts';
import type { Audience } from './audience.ts';

/** Shortest time between two pushes of figures, for all events together (PROTOCOL.md, "Pushes"). */
const SALES_FRAME_MS = 500;
/** After a slow count, counting rests this many times as long: it takes at most a tenth of the database's time. */
const REST_FACTOR = 9;

/** What the figures need beside the ledger; `events/sales.ts` reads it. */
export interface SalesReads {
  /** Counts a sale's figures; `version` is the event's, at the moment of the count. `null` for an unknown event. */
  figures(eventId: string): Promise<{ version: number; figures: SalesFigures } | null>;
  /** The id of the event that a job is about, or `null`. */
  eventOfJob(jobId: string): Promise<string | null>;
}

/** An event with changed figures: `known` as of a version, or `null` and the ledger's documents that arrived since. */
interface FollowedSale {
  known: { version: number; figures: SalesFigures } | null;
  since: LedgerDoc[];
}

interface SalesPushDeps {
  audience: Audience;
  sales: SalesReads;
  monotonic: () => number;
  log: Log;
}

/**
 * Pushes the figures of a sale to admins while one is connected. An event is counted once; sales are then added up from
 * the ledger, so that a crowd costs no reads. Rare changes (cancellation, refund, check-in) trigger a recount.
 */
export function createSalesPushes({ audience, sales, monotonic, log }: SalesPushDeps) {
  const followed = new Map<string, FollowedSale>();
  /** Ids of the events whose figures changed since the last push. */
  const dirty = new Set<string>();
  /** Ids of the jobs that changed since the last push. */
  const jobs = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let restUntilMs = 0;
  let closed = false;

  function wake(): void {
    if (closed || timer) return;
    timer = setTimeout(() => (running = pushFrame()), Math.max(0, restUntilMs - monotonic()));
  }

  function pushLedger(doc: LedgerDoc): void {
    if (!audience.hasAdmins()) return forget();
    const eventId = doc.eventId.toHexString();
    const sale = followed.get(eventId) ?? { known: null, since: [] };
    followed.set(eventId, sale);
    if (sale.known) sale.known = added(sale.known, doc);
    else sale.since.push(doc);
    dirty.add(eventId);
    wake();
  }

  /** Without a connected admin there is no page to update: the next admin's page asks for figures itself. */
  function forget(): void {
    followed.clear();
    dirty.clear();
    jobs.clear();
  }

  async function pushFrame(): Promise<void> {
    const beganMs = monotonic();
    const due = new Set(dirty);
    try {
      await readJobs(due);
      dirty.clear();
      const changes = await collect(due);
      if (changes.length > 0) audience.pushToAdmins('salesChanged', { changes });
    } catch (error) {
      log.warn({ err: error }, 'The figures of a sale could not be read: another attempt follows');
      for (const eventId of due) dirty.add(eventId);
    }
    const tookMs = monotonic() - beganMs;
    restUntilMs = beganMs + Math.max(SALES_FRAME_MS, tookMs * (REST_FACTOR + 1));
    timer = null;
    if (dirty.size + jobs.size > 0) wake();
  }

  /** Adds the events of the changed jobs to those that are due, for a recount. */
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
      const sale = followed.get(eventId);
      const known = sale && (sale.known ?? (await count(eventId, sale)));
      if (known) changes.push(known.figures);
    }
    return changes;
  }

  /** Counts the figures as of a version, and adds the newer ledger documents that arrived meanwhile. */
  async function count(eventId: string, sale: FollowedSale) {
    const from = sale.since.length;
    const counted = await sales.figures(eventId);
    if (!counted) return null;
    sale.known = sale.since.reduce<FollowedSale['known']>(added, counted);
    const isComplete = sale.known !== null;
    // A change that cannot be added up arrived during the count: the count is shown, and a recount follows.
    sale.since = isComplete ? [] : sale.since.slice(from);
    if (!isComplete) dirty.add(eventId);
    return sale.known ?? counted;
  }

  return {
    /** Pushes the figures of the document's event with the next frame. */
    pushLedger,
    /** Pushes the recounted figures of the event that a job is about: the job made progress or failed. */
    pushJob(jobId: string): void {
      if (!audience.hasAdmins()) return;
      jobs.add(jobId);
      wake();
    },
    /** Pushes the recounted figures of an event: something changed that the ledger does not carry. */
    recount(eventId: string): void {
      if (!audience.hasAdmins()) return;
      followed.set(eventId, { known: null, since: [] });
      dirty.add(eventId);
      wake();
    },
    async close(): Promise<void> {
      closed = true;
      if (timer) clearTimeout(timer);
      await running;
    },
  };
}

/** Kinds of ledger entries that change none of the figures. */
const NEUTRAL_KINDS: ReadonlySet<LedgerKind> = new Set<LedgerKind>([
  'created',
  'capacity',
  'held',
  'offered',
  'resized',
  'adopted',
  'released',
  'moveSeen',
  'ticketShared',
  'ticketRevoked',
  'expired',
  'paying',
  'declined',
  'unpaid',
  'settling',
]);
/** Kinds of ledger entries that sell a booking. */
const SALE_KINDS: ReadonlySet<LedgerKind> = new Set<LedgerKind>(['booked', 'confirmed', 'revived']);

/** The figures after one more ledger document; `null` where only a recount can give them. */
function added(known: FollowedSale['known'], { seq, entries, availability }: LedgerDoc): FollowedSale['known'] {
  if (!known || seq <= known.version) return known;
  const isAddable = entries.every(({ kind }) => NEUTRAL_KINDS.has(kind) || SALE_KINDS.has(kind));
  if (seq > known.version + 1 || !isAddable) return null;
  const sold = entries.filter(({ kind }) => SALE_KINDS.has(kind));
  const tickets = sold.flatMap(({ booking }) => booking?.tickets ?? []);
  const amount = tickets.reduce((sum, { count, price }) => sum + count * price.amount, known.figures.revenue.amount);
  const byTicketType = withTickets(known.figures.byTicketType, tickets);
  if (!byTicketType) return null;
  return {
    version: seq,
    figures: {
      ...known.figures,
      confirmed: known.figures.confirmed + sold.length,
      revenue: { ...known.figures.revenue, amount },
      waiting: availability.waitingCount,
      byTicketType,
      vouchers: withUses(known.figures.vouchers, tickets),
    },
  };
}

/** The use of vouchers with these tickets added. */
function withUses({ tickets, discount }: SalesFigures['vouchers'], sold: BookingDoc['tickets']) {
  const uses = sold.filter((line) => line.discount !== undefined);
  const amount = uses.reduce((sum, line) => sum + line.count * (line.discount ?? 0), discount.amount);
  return { tickets: uses.reduce((sum, { count }) => sum + count, tickets), discount: { ...discount, amount } };
}

/** The sales of each type with these tickets added; null with a type that was made after the count. */
function withTickets(known: readonly TypeSales[], tickets: BookingDoc['tickets']): TypeSales[] | null {
  const types = new Map(known.map((type) => [type.id, { ...type, revenue: { ...type.revenue } }]));
  for (const { type: id, count, seats, price } of tickets) {
    const type = types.get(id);
    if (!type) return null;
    type.tickets += count;
    type.seats += count * seats;
    type.revenue.amount += count * price.amount;
  }
  return [...types.values()];
}
