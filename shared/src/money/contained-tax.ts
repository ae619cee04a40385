/** A rate has two decimals at most: hundredths of a per cent are whole. */
const HUNDREDTHS = 100n;
const WHOLE = 10_000n;

/**
 * The tax that is contained in a gross amount, both in minor units; `rate` in per cent with at most two decimals. The net
 * amount is rounded half up, so that it and the tax are the gross amount exactly. More gross is never less tax.
 */
export function containedTax(gross: number, rate: number): number {
  const hundredths = BigInt(Math.round(rate * Number(HUNDREDTHS)));
  const divisor = WHOLE + hundredths;
  const net = (2n * BigInt(gross) * WHOLE + divisor) / (2n * divisor);
  return gross - Number(net);
}
