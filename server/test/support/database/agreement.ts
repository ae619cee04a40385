import type { Db } from 'mongodb';
import { expect } from 'vitest';
import { disagreements } from './disagreements.ts';

/** [I1] [I2] [I3] The product's own reconciliation, on every event of a database: nothing differs from anything. */
export async function expectAgreement(database: Db): Promise<void> {
  expect(await disagreements(database), 'counters, bookings and ledger agree, one booking a request').toEqual([]);
}
