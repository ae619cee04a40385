import { minorDigits } from './currency.ts';

// What payment providers can charge and refund. Amounts are minor units.

/** Stripe: amounts with three decimals must end in 0. https://docs.stripe.com/currencies#three-decimal */
const STRIPE_THREE_DECIMALS_STEP = 10;
/** Stripe knows no part of an ariary, whose minor unit is a hundredth here. */
const STRIPE_STEPS: Readonly<Record<string, number>> = { MGA: 100 };

/**
 * Stripe's least charge by currency. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts For other
 * currencies it depends on the rate of exchange to the account's own one.
 */
const STRIPE_LEAST: Readonly<Record<string, number>> = {
  AED: 200,
  AUD: 50,
  BGN: 100,
  BRL: 50,
  CAD: 50,
  CHF: 50,
  CZK: 1_500,
  DKK: 250,
  EUR: 50,
  GBP: 30,
  HKD: 400,
  HUF: 17_500,
  INR: 50,
  JPY: 50,
  MXN: 1_000,
  MYR: 200,
  NOK: 300,
  NZD: 50,
  PLN: 200,
  RON: 200,
  SEK: 300,
  SGD: 50,
  THB: 1_000,
  USD: 50,
};

/** Every amount that the provider charges or refunds is a multiple of this. The demo provider takes any amount. */
export function chargeStep(provider: string, currency: string): number {
  if (provider !== 'stripe') return 1;
  return STRIPE_STEPS[currency] ?? (minorDigits(currency) === 3 ? STRIPE_THREE_DECIMALS_STEP : 1);
}

/** The least amount that the provider charges, as far as it is known. */
export function leastCharge(provider: string, currency: string): number {
  const step = chargeStep(provider, currency);
  return provider === 'stripe' ? (STRIPE_LEAST[currency] ?? step) : step;
}

/** The largest multiple of `step` up to `amount`. */
export function roundDown(amount: number, step: number): number {
  return Math.floor(amount / step) * step;
}
