import { wholeText } from '../../scripts/load/number-text.ts';
import type { RoundFigures } from '../load/load.ts';
import type { StoredCounts } from '../probes/agreement.ts';
import { namedNumbersText, tableLine } from './report-text.ts';

/** Raw loop and sockets, measured one after the other. */
export interface ComparedRound {
  /** Bookings per second of the raw loop with 16 and with 64 bookings in flight. */
  raw16: number;
  raw64: number;
  sockets: RoundFigures;
}

export interface RawLoopReport {
  sockets: number;
  client: string;
  priced: boolean;
  indexed: boolean;
  rounds: ComparedRound[];
  /** Median over the rounds of `rateRatio`. */
  ratio: number;
  /** Of the sockets, median over the rounds. */
  bookingsPerSecond: number;
  averageBatch: number;
  pushes: { availabilityChanged: number; bookingChanged: number };
  /** Average number of cores that each process kept busy while the sockets were measured. */
  cores: Record<string, number>;
  /** Processor milliseconds for each booking; unlike the rates they hardly depend on other load on the machine. */
  cpuMsEach: Record<string, number>;
  stored: StoredCounts;
}

/** Bookings per second. */
export function bookingRate({ bookings, seconds }: Pick<RoundFigures, 'bookings' | 'seconds'>): number {
  return bookings / seconds;
}

/** Rate of the better raw loop, in bookings per second. */
function betterRawRate({ raw16, raw64 }: ComparedRound): number {
  return Math.max(raw16, raw64);
}

/** Rate of the sockets divided by that of the better raw loop. */
export function rateRatio(round: ComparedRound): number {
  return bookingRate(round.sockets) / betterRawRate(round);
}

/** The report as text for people. */
export function rawLoopLines(report: RawLoopReport): string[] {
  const what = report.priced ? 'holds, each released again,' : 'bookings';
  const { availabilityChanged, bookingChanged } = report.pushes;
  const { bookings, batches } = report.stored;
  return [
    `${what} per second on one event; ${report.sockets} sockets (${report.client} client)` +
      (report.indexed ? '; raw loop with the indexes and validators of ours' : ''),
    tableLine(['round', 'raw, 16', 'raw, 64', 'sockets', 'p50 ms', 'p99 ms', 'ratio']),
    ...report.rounds.map((round, index) => tableLine([String(index + 1), ...roundColumns(round)])),
    '',
    `ratio to the better raw loop (median of ${report.rounds.length})  ${report.ratio.toFixed(2)}`,
    `average commands in a batch  ${report.averageBatch.toFixed(1)}`,
    `pushes received  ${wholeText(availabilityChanged)} availabilityChanged, ${wholeText(bookingChanged)} bookingChanged`,
    `cores busy  ${namedNumbersText(report.cores, 2)}`,
    `processor ms per booking  ${namedNumbersText(report.cpuMsEach, 3)}`,
    `stored  ${wholeText(bookings)} bookings in ${wholeText(batches)} batches; counters, bookings and ledger agree`,
    ...refusalLines(report.rounds),
  ];
}

function roundColumns(round: ComparedRound): string[] {
  const { p50, p99 } = round.sockets.latencyMs;
  const rates = [round.raw16, round.raw64, bookingRate(round.sockets)].map(wholeText);
  return [...rates, p50.toFixed(1), p99.toFixed(1), rateRatio(round).toFixed(2)];
}

function refusalLines(rounds: readonly ComparedRound[]): string[] {
  const refusals = rounds.flatMap(({ sockets }) => Object.entries(sockets.refused));
  if (refusals.length === 0) return [];
  return [`refused  ${refusals.map(([code, count]) => `${wholeText(count)} ${code}`).join(', ')}`];
}
