import { describe, expect, test } from 'vitest';
import type { Round } from './report.ts';
import { median, ratioOf, reportLines } from './report.ts';

function round(raw16: number, raw64: number, bookings: number): Round {
  const latencyMs = { p50: 20, p90: 30, p99: 40.04, max: 50 };
  return {
    raw16,
    raw64,
    sockets: { seconds: 5, bookings, refused: {}, latencyMs, servers: [{ bookings, latencyMs }] },
  };
}

describe('the report', () => {
  test('compares the sockets with the better raw loop of the same round', () => {
    expect(ratioOf(round(1_000, 2_000, 40_000))).toBe(4);
    expect(ratioOf(round(2_000, 1_000, 40_000))).toBe(4);
  });

  test.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 2, 8], 3],
  ])('takes the median of %j: %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test('has no median of nothing', () => {
    expect(() => median([])).toThrow();
  });

  test('is a table with what it means below', () => {
    const lines = reportLines({
      ...{ sockets: 200, client: 'wire', priced: false, indexed: false, rounds: [round(1_600, 1_500, 40_000)] },
      ...{ ratio: 5, bookingsPerSecond: 8_000, averageBatch: 99.96 },
      pushes: { availabilityChanged: 20_000, bookingChanged: 40_000 },
      cores: { server: 0.987, mongod: 0.5 },
      cpuMsEach: { server: 0.1234 },
      stored: { bookings: 40_000, batches: 401 },
    });
    expect(lines[0]).toContain('200 sockets (wire client)');
    expect(lines[2]?.trim().split(/\s+/)).toEqual(['1', '1,600', '1,500', '8,000', '20.0', '40.0', '5.00']);
    expect(lines.join('\n')).toContain('cores busy  server 0.99, mongod 0.50');
    expect(lines.join('\n')).toContain('processor ms a booking  server 0.123');
    expect(lines.join('\n')).toContain('on average  100.0');
    expect(lines.join('\n')).not.toContain('refused');
  });

  test('names what was refused', () => {
    const refused = round(1, 1, 1);
    refused.sockets.refused = { BUSY: 3 };
    const lines = reportLines({
      ...{
        sockets: 1,
        client: 'wire',
        priced: true,
        indexed: true,
        rounds: [refused],
        ratio: 1,
        bookingsPerSecond: 1,
        averageBatch: 1,
      },
      ...{
        pushes: { availabilityChanged: 0, bookingChanged: 0 },
        cores: {},
        cpuMsEach: {},
        stored: { bookings: 1, batches: 1 },
      },
    });
    expect(lines.at(-1)).toBe('refused  3 BUSY');
    expect(lines[0]).toContain('indexes and validators');
    expect(lines.join('\n')).toContain('not told by this system');
  });
});
