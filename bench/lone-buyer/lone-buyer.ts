import type { Percentiles } from '../../scripts/load/latencies.ts';
import { startLoadGenerator } from '../load/generator-process.ts';
import { median } from '../median.ts';
import { assertAgreement } from '../probes/agreement.ts';
import { openTestbed } from '../testbed/testbed.ts';
import { WARM_UP_SECONDS } from '../warm-up.ts';
import { openRawTransaction } from './raw-transaction.ts';

export interface LoneBuyerOptions {
  seconds: number;
  rounds: number;
  /** Folder for a processor profile of the server, or null for none. */
  profile: string | null;
}

/** Bookings of one buyer, one after the other, and raw transactions, measured in turn. */
interface LoneBuyerRound {
  bookingMs: Percentiles;
  transactionMs: Percentiles;
  /** Of the medians, and of the 99th percentiles. */
  ratios: { p50: number; p99: number };
}

interface LoneBuyerReport {
  rounds: LoneBuyerRound[];
  /** Medians over the rounds. */
  ratios: { p50: number; p99: number };
}

/** Raw transactions and bookings alternate this often in a round, so that other load on the machine slows both alike. */
const TURNS = 5;

/**
 * Time until one buyer on an idle server has the answer to a booking, against one raw transaction of one update on the
 * same database. Rejects if records differ, or if the signal comes first.
 */
export async function measureLoneBuyer(
  { seconds, rounds: count, profile }: LoneBuyerOptions,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<LoneBuyerReport> {
  await using cleanup = new AsyncDisposableStack();
  const testbed = await openTestbed({ buyers: 1, price: { amount: 0, currency: 'EUR' }, profile, log });
  cleanup.defer(() => testbed.close());
  const raw = await openRawTransaction(testbed.mongoUri);
  cleanup.defer(() => raw.close());
  const generator = startLoadGenerator(signal);
  cleanup.defer(() => generator.stop());
  const { ports, tokens, eventIds } = testbed;
  await generator.request({ kind: 'open', options: { client: 'wire', ports, tokens, eventIds, price: null } });
  const book = async (forSeconds: number) => {
    const { figures } = await generator.request({ kind: 'round', seconds: forSeconds });
    if (Object.keys(figures.refused).length > 0) throw new Error(`Refused: ${JSON.stringify(figures.refused)}`);
    return figures.latencyMs;
  };
  await raw.measure(1);
  await book(WARM_UP_SECONDS);
  const rounds: LoneBuyerRound[] = [];
  while (rounds.length < count) {
    rounds.push(await measureRound(raw.measure, book, seconds / TURNS));
    const { bookingMs, transactionMs, ratios } = rounds.at(-1) as LoneBuyerRound;
    log(`Round ${rounds.length} of ${count}: ${bookingMs.p50} ms against ${transactionMs.p50} ms, ${ratios.p50}`);
  }
  const { received } = await generator.request({ kind: 'finish' });
  await assertAgreement(testbed.database, received.booked);
  const ratioOf = (name: 'p50' | 'p99') => median(rounds.map(({ ratios }) => ratios[name]));
  return { rounds, ratios: { p50: ratioOf('p50'), p99: ratioOf('p99') } };
}

type Measure = (seconds: number) => Promise<Percentiles>;

async function measureRound(runTransactions: Measure, book: Measure, seconds: number): Promise<LoneBuyerRound> {
  const [transactions, bookings]: [Percentiles[], Percentiles[]] = [[], []];
  for (let turn = 0; turn < TURNS; turn += 1) {
    transactions.push(await runTransactions(seconds));
    bookings.push(await book(seconds));
  }
  const [bookingMs, transactionMs] = [medianOf(bookings), medianOf(transactions)];
  const ratios = { p50: bookingMs.p50 / transactionMs.p50, p99: bookingMs.p99 / transactionMs.p99 };
  return { bookingMs, transactionMs, ratios };
}

function medianOf(turns: readonly Percentiles[]): Percentiles {
  const of = (name: keyof Percentiles) => median(turns.map((each) => each[name]));
  return { p50: of('p50'), p90: of('p90'), p99: of('p99'), max: of('max') };
}
