import type { Types } from 'mongoose';
import { changeInBatches } from '#server/migrations/batches.ts';
import type { Migration } from '#server/migrations/migration.ts';
import { MIGRATIONS } from '#server/migrations/migrations.ts';
import { versionOf } from '#server/migrations/prepare-database.ts';

/** A booking as the next version stores it. */
interface NumberedBooking {
  _id: Types.ObjectId;
  code: string;
  seats: number;
  /** How often the step has changed the booking. */
  rows?: number;
}

export const NEXT_VERSION = versionOf(MIGRATIONS) + 1;

/**
 * The migrations of a next version, which adds a field to every booking. By default it only adds, so that servers of this
 * version may go on.
 */
export function nextVersion({ compatibleFrom = versionOf(MIGRATIONS) } = {}): readonly Migration[] {
  const addRows = changeInBatches<NumberedBooking>({
    name: 'Give each booking its rows',
    collection: 'bookings',
    outstanding: { rows: { $exists: false } },
    fields: ['seats'],
    change: ({ seats }) => ({ guard: { rows: { $exists: false } }, update: { $inc: { rows: seats } } }),
  });
  const next = { version: NEXT_VERSION, title: 'Seat bookings in rows', compatibleFrom, parts: [addRows] };
  return [...MIGRATIONS, next];
}
