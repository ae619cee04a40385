import type { EventReport, Reconcile, Repair } from '#server/booking/reconcile/reconcile.ts';
import { toPrintable } from './cli.ts';

/** The numbers of events of a reconciliation, and of missing receipts. */
interface Totals {
  checked: number;
  differing: number;
  left: number;
  missingReceipts: number;
}

/** Checks all events, and the numbers of receipts, and prints what differs. `repair` gets their ids, and resolves with null to leave them. */
export async function reconcileAll(
  reconcile: Reconcile,
  repair: (eventId: string) => Promise<Repair | null>,
): Promise<Totals> {
  const missing = await reconcile.missingReceipts();
  for (const what of missing) console.log(toPrintable(what));
  const totals = { checked: 0, differing: 0, left: 0, missingReceipts: missing.length };
  for await (const report of reconcile.check()) {
    totals.checked += 1;
    if (report.differences.length === 0) continue;
    totals.differing += 1;
    console.log(describeReport(report));
    const repaired = await repair(report.eventId);
    if (repaired) console.log(describeRepair(repaired));
    if (!repaired || repaired.left.length > 0) totals.left += 1;
  }
  return totals;
}

function describeReport({ eventId, title, differences }: EventReport): string {
  const lines = differences.map(({ what }) => `  ${what}`);
  return [`"${toPrintable(title)}" (${eventId})`, ...lines].join('\n');
}

function describeRepair({ repaired, left }: Repair): string {
  if (!repaired) return '  NOT REPAIRED: ledger and bookings disagree. This needs a person.';
  if (left.length === 0) return '  Repaired: the counters were rewritten from the ledger, and everything agrees.';
  const lines = left.map(({ what }) => `  ${what}`);
  return ['  The counters were rewritten from the ledger. The remaining differences need a person:', ...lines].join(
    '\n',
  );
}

/** One line for the person at the terminal. */
export function reconcileSummary({ checked, differing, left, missingReceipts }: Totals): string {
  const events = `${checked} ${checked === 1 ? 'event' : 'events'} checked`;
  if (differing === 0 && missingReceipts === 0) return `${events}: counters, bookings, ledger and payments agree.`;
  return `${events}: ${differing} ${differing === 1 ? 'differs' : 'differ'}, ${differing - left} repaired, ${left} left.${missingText(missingReceipts)}`;
}

function missingText(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ' 1 receipt is missing.' : ` ${count} receipts are missing.`;
}
