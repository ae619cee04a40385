import type { DocumentCounts } from '#server/backup/format.ts';

/** "12 events, 300 bookings; 1,204 documents of 17 collections" */
export function countsText(counts: DocumentCounts): string {
  const filled = Object.values(counts).filter((count) => count > 0);
  const documents = filled.reduce((sum, count) => sum + count, 0);
  const some = ['events', 'bookings', 'users'].map((name) => `${(counts[name] ?? 0).toLocaleString('en')} ${name}`);
  return `${some.join(', ')}; ${documents.toLocaleString('en')} documents of ${filled.length} collections`;
}
