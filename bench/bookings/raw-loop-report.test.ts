import { describe, expect, test } from 'vitest';
import type { ComparedRound, RawLoopReport } from './raw-loop-report.ts';
import { rateRatio, rawLoopLines } from './raw-loop-report.ts';

function comparedRound(raw16: number, raw64: number, bookings: number): ComparedRound {
  const latencyMs = { p50: 20, p90: 30, p99: 40.04, max: 50 };
  return {
    raw16,
    raw64,
    sockets: { seconds: 5, bookings, refused: {}, latencyMs, servers: [{ bookings, latencyMs }] },
  };
}

function report(more: Partial<RawLoopReport> = {}): RawLoopReport {
  return {
    sockets: 200,
    client: 'wire',
    priced: false,
    indexed: false,
    rounds: [comparedRound(1_600, 1_500, 40_000)],
    ratio: 5,
    bookingsPerSecond: 8_000,
    averageBatch: 99.96,
    pushes: { availabilityChanged: 20_000, bookingChanged: 40_000 },
    cores: { server: 0.987, mongod: 0.5 },
    cpuMsEach: { server: 0.1234 },
    stored: { bookings: 40_000, batches: 401 },
    ...more,
  };
}

describe('the comparison with the raw loop', () => {
  test('divides the rate of the sockets by that of the better raw loop', () => {
    expect(rateRatio(comparedRound(1_000, 2_000, 40_000))).toBe(4);
    expect(rateRatio(comparedRound(2_000, 1_000, 40_000))).toBe(4);
  });

  test('is reported as a table of the rounds, with the other figures below it', () => {
    const lines = rawLoopLines(report());
    expect(lines[0]).toContain('200 sockets (wire client)');
    expect(lines[2]?.trim().split(/\s+/)).toEqual(['1', '1,600', '1,500', '8,000', '20.0', '40.0', '5.00']);
    expect(lines.join('\n')).toContain('cores busy  server 0.99, mongod 0.50');
    expect(lines.join('\n')).toContain('processor ms per booking  server 0.123');
    expect(lines.join('\n')).toContain('commands in a batch  100.0');
    expect(lines.join('\n')).not.toContain('refused');
  });

  test('reports refusals by their code', () => {
    const round = comparedRound(1, 1, 1);
    round.sockets.refused = { BUSY: 3 };
    expect(rawLoopLines(report({ rounds: [round] })).at(-1)).toBe('refused  3 BUSY');
  });

  test('reports in its heading that the event has a price or the raw loop has indexes', () => {
    const [heading] = rawLoopLines(report({ priced: true, indexed: true }));
    expect(heading).toContain('holds, each released again,');
    expect(heading).toContain('indexes and validators');
  });

  test('is complete without processor times', () => {
    expect(rawLoopLines(report({ cores: {}, cpuMsEach: {} })).join('\n')).toContain('not available on this system');
  });
});
