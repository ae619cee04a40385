import { minorDigits } from '#shared/money/currency.ts';
import { moneyText } from '#shared/money/money-text.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { m } from '#lib/paraglide/messages.js';
import { intlLocale } from './dates.ts';
import { parseWholeNumber } from './whole-number.ts';

/** An amount in the page's language: "€20.00", "20,00 €". */
export function formatMoney(money: Money): string {
  return moneyText(money, intlLocale());
}

/** A price in the page's language: an amount, or "Free". */
export function formatPrice(money: Money): string {
  return money.amount === 0 ? m.price_free() : formatMoney(money);
}

export function timesSeats(price: Money, seats: number): Money {
  return { amount: price.amount * seats, currency: price.currency };
}

/**
 * The minor units of "12.50", "12,50" or "1,250.50"; null if the text is no amount or has too many decimals. "1.234" is
 * null in a currency with two decimals, because some mean a thousand and some a typing error.
 */
export function parseAmount(text: string, currency: string): number | null {
  const digits = minorDigits(currency);
  const [, whole = '', decimals = ''] = /^\s*(.*?)(?:[.,](\d+))?\s*$/.exec(text) ?? [];
  if (decimals.length <= digits) return minorUnits(parseWholeNumber(whole), decimals, digits);
  const isGrouped = digits === 0 || /[.,'’\s]\d{3}[.,]/.test(text);
  return isGrouped ? minorUnits(parseWholeNumber(text), '', digits) : null;
}

function minorUnits(whole: number | null, decimals: string, digits: number): number | null {
  return whole === null ? null : Number(`${whole}${decimals.padEnd(digits, '0')}`);
}

/** An amount as text for a field: 1250 minor units → "12.50". */
export function amountText(money: Money): string {
  return (money.amount / 10 ** minorDigits(money.currency)).toFixed(minorDigits(money.currency));
}
