import type { Money } from '../protocol/primitives.ts';
import { minorDigits } from './currency.ts';

/** An amount as `Intl` writes it for a language such as `en-GB`, with all decimals of its currency. */
export function moneyText({ amount, currency }: Money, intlLocale: string): string {
  const digits = minorDigits(currency);
  const decimals = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const format = new Intl.NumberFormat(intlLocale, { style: 'currency', currency, ...decimals });
  return format.format(amount / 10 ** digits);
}
