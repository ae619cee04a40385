import { minorDigits } from '#shared/currency.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { m } from '#lib/paraglide/messages.js';
import { intlLocale } from './dates.ts';

/** An amount in the page's language: "€20.00", "20,00 €". */
export function formatMoney(money: Money): string {
  const { currency } = money;
  const digits = minorDigits(currency);
  const decimals = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(intlLocale(), { style: 'currency', currency, ...decimals }).format(
    money.amount / 10 ** digits,
  );
}

/** A price in the page's language: an amount, or "Free". */
export function formatPrice(money: Money): string {
  return money.amount === 0 ? m.price_free() : formatMoney(money);
}

export function timesSeats(price: Money, seats: number): Money {
  return { amount: price.amount * seats, currency: price.currency };
}

/** The minor units of "12.50" or "12,50"; null if the text is no amount or has too many decimals. */
export function parseAmount(text: string, currency: string): number | null {
  const match = /^\s*(\d{1,9})(?:[.,](\d+))?\s*$/.exec(text);
  const digits = minorDigits(currency);
  if (match === null || (match[2]?.length ?? 0) > digits) return null;
  return Number(`${match[1]}${(match[2] ?? '').padEnd(digits, '0')}`);
}

/** An amount as text for a field: 1250 minor units → "12.50". */
export function amountText(money: Money): string {
  return (money.amount / 10 ** minorDigits(money.currency)).toFixed(minorDigits(money.currency));
}
