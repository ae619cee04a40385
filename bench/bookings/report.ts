import type { RoundFigures } from '../load/load.ts';

/** Raw loop and sockets, measured one after the other. Bookings per second. */
export interface Round {
  raw16: number;
  raw64: number;
  sockets: RoundFigures;
}

export interface Report {
  sockets: number;
  client: string;
  priced: boolean;
  indexed: boolean;
  rounds: Round[];
  /** Median over the rounds of sockets against the better raw loop of the same round. */
  ratio: number;
  bookingsPerSecond: number;
  averageBatch: number;
  pushes: { availabilityChanged: number; bookingChanged: number };
  /** Cores kept busy while the sockets were measured. */
  cores: Record<string, number>;
  /** Processor milliseconds for each booking: unlike the rates it hardly depends on what else the machine does. */
  cpuMsEach: Record<string, number>;
  stored: { bookings: number; batches: number };
}

export function rateOf({ bookings, seconds }: RoundFigures): number {
  return bookings / seconds;
}

/** Sockets against the better of the raw loops. */
export function ratioOf({ raw16, raw64, sockets }: Round): number {
  return rateOf(sockets) / Math.max(raw16, raw64);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1];
  const high = sorted[Math.floor(middle)];
  if (low === undefined || high === undefined) throw new Error('No values have no median');
  return (low + high) / 2;
}

/** The report for people. */
export function reportLines(report: Report): string[] {
  const what = report.priced ? 'holds, each let go again,' : 'bookings';
  const { availabilityChanged, bookingChanged } = report.pushes;
  return [
    `${what} per second on one event; ${report.sockets} sockets (${report.client} client)` +
      (report.indexed ? '; raw loop with the indexes and validators of ours' : ''),
    row(['round', 'raw, 16', 'raw, 64', 'sockets', 'p50 ms', 'p99 ms', 'ratio']),
    ...report.rounds.map((round, index) => row([String(index + 1), ...cells(round)])),
    '',
    `ratio to the better raw loop (median of ${report.rounds.length})  ${report.ratio.toFixed(2)}`,
    `commands in a batch, on average  ${report.averageBatch.toFixed(1)}`,
    `pushes received  ${whole(availabilityChanged)} availabilityChanged, ${whole(bookingChanged)} bookingChanged`,
    `cores busy  ${namedText(report.cores, 2)}`,
    `processor ms a booking  ${namedText(report.cpuMsEach, 3)}`,
    `stored  ${whole(report.stored.bookings)} bookings in ${whole(report.stored.batches)} batches; counters, bookings and ledger agree`,
    ...refusedLines(report.rounds),
  ];
}

function cells(round: Round): string[] {
  const { p50, p99 } = round.sockets.latencyMs;
  const rates = [round.raw16, round.raw64, rateOf(round.sockets)].map(whole);
  return [...rates, p50.toFixed(1), p99.toFixed(1), ratioOf(round).toFixed(2)];
}

/** Columns of one width. */
export function table(rows: readonly string[][]): string[] {
  return rows.map(row);
}

function row(columns: string[]): string {
  return columns.map((column) => column.padStart(12)).join('');
}

export function namedText(values: Record<string, number>, digits: number): string {
  const parts = Object.entries(values).map(([name, value]) => `${name} ${value.toFixed(digits)}`);
  return parts.join(', ') || 'not told by this system';
}

function refusedLines(rounds: Round[]): string[] {
  const all = rounds.flatMap(({ sockets }) => Object.entries(sockets.refused));
  return all.length === 0 ? [] : [`refused  ${all.map(([code, count]) => `${whole(count)} ${code}`).join(', ')}`];
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
