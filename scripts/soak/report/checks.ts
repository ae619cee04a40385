import type { Sample } from '../samples.ts';

/** A figure of the second quarter and of the last one; a check if it must not grow. */
export interface Check {
  what: string;
  /** Median of the second quarter. */
  early: number;
  /** Median of the last quarter. */
  late: number;
  /** The most that `late` may be; null: shown only. */
  most: number | null;
  isFine: boolean;
}

/** Fewer samples say nothing of growth: two in each quarter. */
export const FEWEST_SAMPLES = 8;

/** What every booking adds to: its own history, which stays. All other collections keep their size. */
const HISTORY = new Set([
  'bookings',
  'ledger',
  'jobs',
  'sentMails',
  'waitlist',
  'payments',
  'webhooks',
  'demoCheckouts',
  'demoRefunds',
  'demoWebhooks',
]);

interface Limit {
  /** Growth that is no leak, as a share and as a number. */
  share: number;
  more: number;
}

/** V8 lets its heap grow as it likes, within some tens of MiB. */
const MEMORY: Limit = { share: 0.15, more: 32 };
/** Connections that come and go are a few more or less at each moment. */
const HANDLES: Limit = { share: 0.1, more: 20 };
const KEPT: Limit = { share: 0.02, more: 5 };
const PER_BOOKING: Limit = { share: 0.1, more: 0.5 };
const BACKLOG: Limit = { share: 0.5, more: 50 };

/** Compares the last quarter of the samples with the second one; the first quarter warms up. */
export function checksOf(samples: readonly Sample[]): Check[] {
  const quarter = Math.floor(samples.length / 4);
  const early = samples.slice(quarter, 2 * quarter);
  const late = samples.slice(-quarter);
  const check = (what: string, value: (sample: Sample) => number, limit: Limit | null): Check => {
    const [before, after] = [median(early.map(value)), median(late.map(value))];
    const most = limit && before * (1 + limit.share) + limit.more;
    return { what, early: before, late: after, most, isFine: most === null || after <= most };
  };
  const kept = Object.keys(samples.at(-1)?.documents ?? {}).filter((name) => !HISTORY.has(name));
  return [
    check('memory of the server, MiB', ({ server }) => server.memoryMiB, MEMORY),
    check('open files of the server', ({ server }) => server.handles, HANDLES),
    // The cache of the database takes what it may: growth is no leak.
    check('memory of the database, MiB', ({ database }) => database.memoryMiB, null),
    check('open files of the database', ({ database }) => database.handles, HANDLES),
    check('jobs that are due', ({ dueJobs }) => dueJobs, BACKLOG),
    check('documents for each booking', perBooking, PER_BOOKING),
    ...kept.map((name) => check(`documents in ${name}`, ({ documents }) => documents[name] ?? 0, KEPT)),
  ];
}

function perBooking({ documents }: Sample): number {
  const names = Object.keys(documents).filter((name) => HISTORY.has(name));
  return names.reduce((sum, name) => sum + (documents[name] ?? 0), 0) / Math.max(1, documents['bookings'] ?? 0);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
