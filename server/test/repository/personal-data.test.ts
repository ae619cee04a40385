import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MIGRATIONS } from '#server/migrations/migrations.ts';
import { fieldsOf, readKept } from '../support/old-data/kept-data.ts';

const stored = await readKept(MIGRATIONS.length);

/** Accounts whose names are no other words of the data. */
const NAMES = ['typed-paid', 'anna', 'ben', 'cleo', 'dora', 'emil', 'fay', 'gus'];

/** The fields that are kept for ever: of a person they have the account's id, and what organisers and buyers wrote. */
const LEDGER = `_id at eventId seq
  availability.availableSeats availability.heldSeats availability.holdsUntil availability.soldSeats
  availability.tickets[].available availability.tickets[].held availability.tickets[].limit
  availability.tickets[].sold availability.tickets[].type availability.totalSeats availability.waitingCount
  entries[].booking.cancelledParts[].amount entries[].booking.cancelledParts[].at
  entries[].booking.cancelledParts[].by entries[].booking.cancelledParts[].reason
  entries[].booking.cancelledParts[].tickets[].count entries[].booking.cancelledParts[].tickets[].price.amount
  entries[].booking.cancelledParts[].tickets[].price.currency entries[].booking.cancelledParts[].tickets[].seats
  entries[].booking.cancelledParts[].tickets[].type
  entries[].actor entries[].available entries[].held entries[].kind entries[].reason entries[].sold entries[].booking
  entries[].booking._id entries[].booking.checkedInAt entries[].booking.checkedInSeats entries[].booking.code entries[].booking.createdAt
  entries[].booking.ended.at entries[].booking.ended.by entries[].booking.ended.reason
  entries[].booking.holdExpiresAt entries[].booking.movesSeenAt entries[].booking.payment.amount
  entries[].booking.payment.currency entries[].booking.payment.provider entries[].booking.payment.refundedAmount
  entries[].booking.payment.status
  entries[].booking.personalTickets[].checkedInAt entries[].booking.personalTickets[].issue
  entries[].booking.personalTickets[].number entries[].booking.personalTickets[].sharedAt
  entries[].booking.personalTickets[].type
  entries[].booking.reasons[].amount entries[].booking.reasons[].at entries[].booking.reasons[].kind
  entries[].booking.reasons[].reason entries[].booking.reasons[].seats entries[].booking.requestId
  entries[].booking.seats entries[].booking.settling entries[].booking.source entries[].booking.status
  entries[].booking.adoptedFrom entries[].booking.provisional
  entries[].booking.tickets[].count entries[].booking.tickets[].price.amount
  entries[].booking.tickets[].price.currency entries[].booking.tickets[].seats entries[].booking.tickets[].type
  entries[].booking.updatedAt entries[].booking.userId entries[].booking.version
  event.accessInfo event.address event.doorsAt event.image.alt event.image.focusX event.image.focusY event.image.height
  event.image.id event.image.width event.image.widths[] event.minAge
  event.cancelBeforeHours event.cancelReason event.endsAt event.movedAt event.moves[].at event.moves[].endsAt
  event.moves[].startsAt event.moves[].timeZone event.moves[].venue event.startsAt event.status event.timeZone
  event.ticketTypes[].id event.ticketTypes[].name event.title event.venue`.split(/\s+/);
const PAYMENTS =
  `_id amount attempt bookingId bought cancellingSince charge createdAt currency declined declinedAt eventId extended
  isReceiptDue lookAt mismatch paid paid.amount paid.currency paidAt processing provider reference refundRequests[]
  refunds[].actor refunds[].amount refunds[].at refunds[].cause refunds[].doneAt refunds[].error refunds[].key
  refunds[].reason refunds[].reference refunds[].requestId refunds[].status refunds[].tickets.lines[].amount
  refunds[].tickets.lines[].count refunds[].tickets.lines[].name refunds[].tickets.seats refunds[].tries seats status
  terms.email terms.expiresAt terms.heldUntil terms.lines[].amount terms.lines[].count
  terms.lines[].name terms.locale terms.returnUrl terms.startsAt terms.timeZone terms.title
  terms.taxRate terms.venue updatedAt url userId version`.split(/\s+/);

/** The paths of all texts of the documents that fit. */
function pathsOf(fits: (text: string) => boolean): string[] {
  const visit = (path: string, value: unknown): string[] => {
    if (typeof value === 'string') return fits(value) ? [path] : [];
    if (Array.isArray(value)) return value.flatMap((one) => visit(path, one));
    if (value === null || typeof value !== 'object') return [];
    return Object.entries(value).flatMap(([name, of]) => visit(`${path}.${name}`, of));
  };
  return [...new Set(stored.flatMap(({ collection, doc }) => visit(collection, doc)))].toSorted();
}

describe('what this version stores', () => {
  test('has mail addresses in accounts and on receipts, in payments until they are removed, and beside codes for ten minutes', () => {
    const paths = pathsOf((text) => text.includes('@example.org'));
    expect(paths).toEqual(['payments.terms.email', 'receipts.buyer.email', 'signInCodes.request.email', 'users.email']);
  });

  test('has the names of people in their accounts, and on the receipts of what they paid for', () => {
    expect(pathsOf((text) => NAMES.includes(text))).toEqual(['receipts.buyer.name', 'users.name']);
  });

  test('is listed for operators, collection by collection', () => {
    const document = readFileSync(new URL('../../../docs/privacy.md', import.meta.url), 'utf8');
    const rows = document.split('\n').filter((line) => line.startsWith('| `'));
    const listed = rows.flatMap((row) => (row.split('|')[1] ?? '').match(/[\w.]+/g) ?? []);
    expect(listed).toEqual(expect.arrayContaining([...new Set(stored.map(({ collection }) => collection))]));
    expect(new Set(listed).size).toBe(listed.length);
  });

  test.each([
    ['ledger', LEDGER],
    ['payments', PAYMENTS],
  ])('has no other fields in %s, which is kept for ever, than were agreed upon', (collection, agreed) => {
    const fields = fieldsOf(stored.filter((one) => one.collection === collection));
    const names = fields.map((field) => field.slice(collection.length + 1).replace(/: \w+$/, ''));
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !agreed.includes(name))).toEqual([]);
  });
});
