/**
 * Decimals of a currency's minor unit by ISO 4217, where they are not two. Not from Intl, which gives the decimals of
 * printed prices (HUF has none in some versions): two machines would read one amount differently.
 */
const MINOR_DIGITS: Readonly<Record<string, number>> = {
  ...digits(0, ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV']),
  ...digits(0, ['XAF', 'XOF', 'XPF']),
  ...digits(3, ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND']),
  ...digits(4, ['CLF', 'UYW']),
};

/** How many decimals a currency's minor unit has: EUR 2, JPY 0, KWD 3. */
export function minorDigits(currency: string): number {
  return MINOR_DIGITS[currency] ?? 2;
}

function digits(count: number, currencies: readonly string[]): Record<string, number> {
  return Object.fromEntries(currencies.map((currency) => [currency, count]));
}
