import { chargeStep } from '#shared/money/charge.ts';
import { minorDigits } from '#shared/money/currency.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/**
 * Decimals of an amount at Stripe, if they differ from ISO 4217: two for ISK and UGX, though neither has decimals any
 * more, none for MGA. https://docs.stripe.com/currencies#special-cases
 */
const STRIPE_DIGITS: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

/**
 * The amount as Stripe writes it, or null if Stripe cannot transfer exactly this amount. Never rounded, because the
 * buyer would then pay another amount than the page showed.
 */
export function toStripeAmount({ amount, currency }: Money): number | null {
  const { more, fewer } = decimals(currency);
  return amount % chargeStep('stripe', currency) === 0 ? (amount * more) / fewer : null;
}

/** Converts an amount of Stripe to minor units. */
export function fromStripeAmount(amount: number, currency: string): Money {
  const code = currency.toUpperCase();
  const { more, fewer } = decimals(code);
  return { amount: (amount * fewer) / more, currency: code };
}

/** The factor by which Stripe's unit is smaller than the minor unit, and by which it is larger; one of them is 1. */
function decimals(currency: string): { more: number; fewer: number } {
  const difference = (STRIPE_DIGITS[currency] ?? minorDigits(currency)) - minorDigits(currency);
  return { more: 10 ** Math.max(0, difference), fewer: 10 ** Math.max(0, -difference) };
}
