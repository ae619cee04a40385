/** A rate in per cent with at most two decimals: "19", "8.1", "8,1 %"; null if the text is none. */
export function parseTaxRate(text: string): number | null {
  const [, whole, decimals = ''] = /^\s*(\d{1,3})(?:[.,](\d{1,2}))?\s*%?\s*$/.exec(text) ?? [];
  if (whole === undefined) return null;
  const rate = Number(`${whole}.${decimals || '0'}`);
  return rate <= 100 ? rate : null;
}
