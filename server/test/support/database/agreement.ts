import type { Db } from 'mongodb';
import { expect } from 'vitest';
import { disagreements } from './disagreements.ts';

/** [I1] [I2] [I3] Expects that the server's own reconciliation finds no difference at any event of the database. */
export async function expectAgreement(database: Db): Promise<void> {
  expect(await disagreements(database), 'counters, bookings and ledger agree, one booking a request').toEqual([]);
}
