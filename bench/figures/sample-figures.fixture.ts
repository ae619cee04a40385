import type { Conditions, Figures } from './figures.ts';

export const SAMPLE_CONDITIONS: Conditions = {
  measuredAt: '2025-11-28T13:00:00.000Z',
  node: '24.21.0',
  mongodb: '6.0.5',
  cores: 2,
};

/** Complete figures, as the measurements record them. */
export const SAMPLE_FIGURES: Figures = {
  rawLoop: {
    conditions: SAMPLE_CONDITIONS,
    options: { sockets: 200, seconds: 5, rounds: 3 },
    rounds: [
      { bookingsPerSecond: 6_604, p50Ms: 25.4, p99Ms: 70, raw16PerSecond: 1_630, raw64PerSecond: 1_500 },
      { bookingsPerSecond: 7_696, p50Ms: 24.1, p99Ms: 69.5, raw16PerSecond: 1_600, raw64PerSecond: 1_781 },
      { bookingsPerSecond: 7_100, p50Ms: 26, p99Ms: 91, raw16PerSecond: 1_700, raw64PerSecond: 1_650 },
    ],
  },
  severalServers: {
    conditions: SAMPLE_CONDITIONS,
    options: { sockets: 200, seconds: 5, rounds: 1 },
    counts: [{ servers: 2, rounds: [{ bookingsPerSecond: 6_900, p50Ms: 55, p99Ms: 128 }] }],
  },
  pages: {
    conditions: SAMPLE_CONDITIONS,
    options: { visits: 5 },
    list: { largestPaintMs: 912, layoutShift: 0.0012, scriptBytes: 87_240 },
    event: { largestPaintMs: 1_040, layoutShift: 0.0138, scriptBytes: 90_100 },
  },
  listLoad: {
    conditions: SAMPLE_CONDITIONS,
    options: { seconds: 10, rounds: 3, bookingsPerSecond: 100, readsPerSecond: 1_000 },
    alone: { p50Ms: 4.1, p99Ms: 12.3 },
    besideReaders: { p50Ms: 6.2, p99Ms: 20.1 },
  },
};
