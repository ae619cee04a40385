import type { Money } from '#shared/protocol/primitives.ts';
import { countOf, type ChosenCounts } from './choice.ts';
import type { SoldType } from './sold-types.ts';

/** What the chosen tickets would cost without a voucher. */
export function fullTotal(types: readonly SoldType[], counts: ChosenCounts, { currency }: Money): Money {
  const amount = types.reduce((sum, type) => sum + countOf(counts, type) * (type.fullPrice ?? type.price).amount, 0);
  return { amount, currency };
}
