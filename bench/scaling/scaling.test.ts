import { describe, expect, test } from 'vitest';
import { machineCapacity, saleNeeds, wallsOf, watchersPerServer } from './scaling.ts';
import type { UnitCosts } from './unit-costs.ts';
import { unitCostsOf } from './unit-costs.ts';

const COSTS: UnitCosts = {
  bookingServerMs: 0.15,
  bookingDatabaseMs: 0.1,
  bookingLedgerBytes: 400,
  oneEventPerSecond: 5_000,
  twoServersFactor: 0.9,
  deliveryMs: 0.02,
  connectMs: 0.5,
  listMs: 0.1,
  clientBytes: 20_000,
  serverBytes: 200_000_000,
};

describe('the capacity of a machine', () => {
  test('gives the servers the cores that the database leaves them', () => {
    expect([2, 4, 8].map((cores) => machineCapacity(COSTS, cores).workers)).toEqual([1, 2, 5]);
  });

  test('is bound by all cores, or by the servers if they are too few', () => {
    expect(machineCapacity(COSTS, 4).bookingsPerSecond).toBeCloseTo(2 / 0.000_15);
    expect(machineCapacity(COSTS, 8).bookingsPerSecond).toBeCloseTo(8 / 0.000_25);
  });

  test('on one event is that of one server, or of servers that take turns', () => {
    expect(machineCapacity(COSTS, 2).oneEventPerSecond).toBe(5_000);
    expect(machineCapacity(COSTS, 8).oneEventPerSecond).toBe(4_500);
  });

  test('for watchers is a quarter of a core of each server', () => {
    expect(watchersPerServer(COSTS)).toBeCloseTo(12_500);
    expect(machineCapacity(COSTS, 8).watchers).toBeCloseTo(62_500);
    expect(machineCapacity(COSTS, 2).listsPerSecond).toBeCloseTo(10_000);
  });
});

describe('the needs of a sale', () => {
  test('grow with its watchers', () => {
    expect(saleNeeds(COSTS, 100_000, 250)).toEqual({
      watchers: 100_000,
      buyers: 2_000,
      servers: 8,
      fanOutCores: expect.closeTo(2),
      arrivalCores: expect.closeTo(0.2),
      memoryGb: expect.closeTo(3.6),
      networkGbit: expect.closeTo(0.2528),
      soldSeconds: expect.closeTo(2_000 / 4_500),
      feedMbPerSecond: expect.closeTo(14.4),
    });
  });
});

describe('the walls of a machine', () => {
  test('are in the order in which a sale meets them', () => {
    const walls = wallsOf(COSTS, { cores: 8, memoryGb: 8, networkGbit: 1 }, 250).map(({ watchers }) => watchers);
    expect(walls).toEqual(walls.toSorted((a, b) => a - b));
    expect(walls[0]).toBeCloseTo(62_500);
    expect(wallsOf(COSTS, { cores: 8, memoryGb: 1.5, networkGbit: 1 }, 250)[0]?.watchers).toBeCloseTo(25_000);
  });
});

describe('the unit costs of a run', () => {
  test('need every figure that they are made of', () => {
    expect(() => unitCostsOf({ figures: [], costs: {} })).toThrow(/bookingServerMs/);
  });
});
