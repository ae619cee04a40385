import { bookingRate } from './raw-loop-report.ts';
import type { RawLoopReport } from './raw-loop-report.ts';
import type { ServersReport } from './several-servers-report.ts';
import type { RoundFigures } from '../load/load.ts';
import type { Figures } from '../figures/figures.ts';
import { rounded } from '../figures/figures.ts';

/** The recorded part of the comparison with the raw loop. */
export function rawLoopRounds({ rounds }: RawLoopReport): Figures['rawLoop']['rounds'] {
  return rounds.map(({ sockets, raw16, raw64 }) => ({
    ...roundOf(sockets),
    raw16PerSecond: rounded(raw16, 0),
    raw64PerSecond: rounded(raw64, 0),
  }));
}

/** The recorded part of the comparison of several servers. */
export function serverCounts(reports: readonly ServersReport[]): Figures['severalServers']['counts'] {
  return reports.map(({ servers, rounds }) => ({ servers, rounds: rounds.map(roundOf) }));
}

function roundOf(round: RoundFigures) {
  const { p50, p99 } = round.latencyMs;
  return { bookingsPerSecond: rounded(bookingRate(round), 0), p50Ms: rounded(p50, 1), p99Ms: rounded(p99, 1) };
}
