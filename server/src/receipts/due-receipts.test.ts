import fc from 'fast-check';
import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import type { Refund } from '#server/booking/rules/payments/attempt.ts';
import type { ReceiptDoc } from '#server/models/receipts/receipt.ts';
import type { Statement } from './due-receipts.ts';
import { addressStatements, dueStatements, remainderOf, validReceipt } from './due-receipts.ts';

type StatedPayment = Parameters<typeof dueStatements>[0];

const at = new Date('2030-06-01T12:00:00.000Z');
const minutesLater = (minutes: number) => new Date(at.getTime() + minutes * 60_000);

function paymentOf(amount: number, refunds: readonly Partial<Refund>[] = [], taxRate?: number): StatedPayment {
  return {
    _id: new Types.ObjectId('65f0c0ffee0123456789abcd'),
    amount,
    currency: 'EUR',
    seats: 2,
    terms: {
      title: 'Jazz',
      venue: 'Club',
      timeZone: 'UTC',
      startsAt: at,
      locale: 'en',
      email: 'a@example.org',
      heldUntil: at,
      expiresAt: at,
      returnUrl: 'https://example.org/paid',
      ...(taxRate !== undefined && { taxRate }),
    },
    paid: { amount, currency: 'EUR' },
    paidAt: at,
    refunds: refunds.map((refund, n) => ({
      key: `payment.${n + 1}`,
      amount: 0,
      cause: 'cancelled',
      reason: null,
      actor: 'system',
      requestId: null,
      status: 'done',
      reference: null,
      error: null,
      tries: 1,
      at: minutesLater(n),
      doneAt: minutesLater(n),
      ...refund,
    })),
  };
}

/** Numbers the statements after those that are known. */
function numbered(known: readonly ReceiptDoc[], statements: readonly Statement[]): ReceiptDoc[] {
  const docs = [...known];
  for (const { cancels, ...stated } of statements) {
    const cancelled = cancels === 'new' ? validReceipt(docs) : cancels;
    const { series, number, issuedAt } = cancelled ?? { series: '', number: 0, issuedAt: at };
    docs.push({
      ...stated,
      series: 'R-',
      number: docs.length + 1,
      issuedAt: at,
      paymentId: new Types.ObjectId('65f0c0ffee0123456789abcd'),
      cancels: cancelled ? { series, number, issuedAt } : null,
    } as ReceiptDoc);
  }
  return docs;
}

const issued = (payment: StatedPayment, known: readonly ReceiptDoc[] = []) =>
  numbered(known, dueStatements(payment, known));
const stated = (docs: readonly ReceiptDoc[]) =>
  docs.reduce((sum, { kind, gross }) => sum + (kind === 'receipt' ? gross : -gross), 0);
const statedTax = (docs: readonly ReceiptDoc[]) =>
  docs.reduce((sum, { kind, tax }) => sum + (kind === 'receipt' ? 1 : -1) * (tax ?? 0), 0);

describe('the receipts of a payment', () => {
  it('begin with what was paid, its seats and the tax that it contains', () => {
    expect(dueStatements(paymentOf(4_000, [], 19), [])).toMatchObject([
      {
        kind: 'receipt',
        gross: 4_000,
        tax: 639,
        taxRate: 19,
        paidAt: at,
        lines: [{ kind: 'seat', count: 2, amount: 2_000 }],
      },
    ]);
  });

  it('state each refund once that is done, however often the payment is looked at', () => {
    const before = issued(paymentOf(4_000, [{ amount: 1_500, status: 'pending', doneAt: null }]));
    expect(before).toHaveLength(1);
    const payment = paymentOf(4_000, [{ amount: 1_500, cause: 'organiser' }]);
    const after = issued(payment, before);
    expect(after.slice(1)).toMatchObject([
      { kind: 'cancellation', cause: 'organiser', gross: 1_500, cancels: { number: 1 }, lines: [{ kind: 'amount' }] },
    ]);
    expect(issued(payment, after)).toEqual(after);
  });

  it('name the cancelled tickets, and how far their price differs from what goes back', () => {
    const tickets = { seats: 1, lines: [{ name: 'Child', count: 1, amount: 1_250, discount: 250 }] };
    const [, exact, less, seats] = issued(
      paymentOf(8_000, [
        { amount: 1_250, tickets },
        { amount: 1_240, tickets },
        { amount: 4_000, tickets: { seats: 1 } },
      ]),
    );
    expect(exact?.lines).toEqual([{ kind: 'ticket', name: 'Child', count: 1, amount: 1_250, discount: 250 }]);
    expect(less?.lines.slice(1)).toEqual([{ kind: 'difference', name: '', count: 1, amount: -10, discount: 0 }]);
    expect(seats?.lines).toEqual([{ kind: 'seat', name: '', count: 1, amount: 4_000, discount: 0 }]);
  });

  it('state a refund once that failed after it was stated and was made up for by hand', () => {
    const first = issued(paymentOf(4_000, [{ amount: 1_000 }]));
    const returned = paymentOf(4_000, [
      { amount: 0, status: 'void' },
      { amount: 1_000, cause: 'provider' },
    ]);
    expect(issued(returned, first)).toEqual(first);
  });

  it('never give back more than was paid, though a dispute takes what was refunded before', () => {
    const docs = issued(paymentOf(4_000, [{ amount: 3_000 }, { amount: 4_000, cause: 'dispute' }]));
    expect(docs.map(({ gross }) => gross)).toEqual([4_000, 3_000, 1_000]);
  });

  it('have net amounts and taxes that add up, for any rate and any order of refunds', () => {
    const rates = fc.option(
      fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100),
      { nil: undefined },
    );
    const parts = fc.array(fc.integer({ min: 1, max: 40_000 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50_000 }), rates, parts, (seat, rate, amounts) => {
        const total = 2 * seat;
        let docs: ReceiptDoc[] = [];
        const refunds: Partial<Refund>[] = [];
        for (const amount of [0, ...amounts]) {
          if (amount > 0) refunds.push({ amount });
          docs = issued(paymentOf(total, refunds, rate), docs);
          const kept = Math.max(0, total - refunds.reduce((sum, refund) => sum + (refund.amount ?? 0), 0));
          expect(stated(docs)).toBe(kept);
          if (kept === 0) expect(statedTax(docs)).toBe(0);
        }
        for (const { gross, tax, lines } of docs) {
          expect(gross).toBeGreaterThan(0);
          expect(lines.reduce((sum, line) => sum + line.count * line.amount, 0)).toBe(gross);
          if (tax !== null) expect(tax >= 0 && tax <= gross).toBe(true);
        }
      }),
    );
  });

  it('are replaced as a whole when their address changes, and refunds then cancel the new one', () => {
    const first = issued(paymentOf(4_000, [], 7));
    const valid = first[0] as ReceiptDoc;
    const docs = numbered(first, addressStatements(valid, 1));
    expect(docs.map(({ kind, gross, tax }) => [kind, gross, tax])).toEqual([
      ['receipt', 4_000, 262],
      ['cancellation', 4_000, 262],
      ['receipt', 4_000, 262],
    ]);
    expect(remainderOf(valid, docs)).toBe(0);
    const after = issued(paymentOf(4_000, [{ amount: 1_000 }], 7), docs);
    expect(after.at(-1)).toMatchObject({ kind: 'cancellation', gross: 1_000, cancels: { number: 3 } });
    expect(new Set(after.map(({ fact }) => fact)).size).toBe(4);
  });
});
