import type { Money } from '#shared/protocol/primitives.ts';
import { m } from '#lib/paraglide/messages.js';

/** An outcome without a payment: where seats cost something (`price`), it adds that nothing was charged. */
export function withCharge(words: string, price: Money): string {
  return price.amount > 0 ? `${words} ${m.not_charged()}` : words;
}
