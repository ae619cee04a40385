import { wholeText } from '../../scripts/load/number-text.ts';
import type { RoundFigures } from '../load/load.ts';
import { median } from '../median.ts';
import type { BenchOptions } from './options.ts';
import { namedNumbersText, tableLine } from './report-text.ts';

/** One number of servers that sell an event together, each to its own buyers. */
export interface ServersReport {
  servers: number;
  rounds: RoundFigures[];
  /** Sum over the servers, median over the rounds. */
  bookingsPerSecond: number;
  /** 99th percentile of the slowest server, median over the rounds. */
  worstP99Ms: number;
  /** Share of the server that sold least, where 1 is an even share; median over the rounds. */
  leastShare: number;
  averageBatch: number;
  /** Replays of a batch, on average: how often it was decided again after a conflict. */
  replaysEach: number;
  /** Processor milliseconds for each booking, by process. */
  cpuMsEach: Record<string, number>;
}

const HEADINGS = ['servers', 'together', 'of first', 'p50 ms', 'worst p99', 'least share', 'batch', 'replays'];

/** The reports as text for people. */
export function severalServersLines(
  { apart, sockets, client }: BenchOptions,
  reports: readonly ServersReport[],
): string[] {
  const first = reports[0]?.bookingsPerSecond ?? 0;
  return [
    `several servers ${apart ? 'on an event each' : 'on one event'}, ${sockets} sockets each (${client} client); ` +
      'counters, bookings and ledger agree',
    tableLine(HEADINGS),
    ...reports.map((report) => tableLine(columnsOf(report, first))),
    ...reports.map(({ servers, cpuMsEach }) => {
      const heading = `processor ms per booking, ${servers} server${servers === 1 ? '' : 's'}`;
      return `${heading}  ${namedNumbersText(cpuMsEach, 3)}`;
    }),
  ];
}

function columnsOf(report: ServersReport, firstRate: number): string[] {
  return [
    String(report.servers),
    wholeText(report.bookingsPerSecond),
    (report.bookingsPerSecond / firstRate).toFixed(2),
    median(report.rounds.map(({ latencyMs }) => latencyMs.p50)).toFixed(1),
    report.worstP99Ms.toFixed(1),
    report.leastShare.toFixed(2),
    report.averageBatch.toFixed(1),
    report.replaysEach.toFixed(2),
  ];
}
