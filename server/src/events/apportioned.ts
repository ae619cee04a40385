/**
 * Parts of a whole amount in proportion to these weights, which add up to it exactly: each is rounded down, and what is
 * left goes, a unit each, to those that lost most by it. All of it goes to the first if the weights are nothing.
 */
export function apportioned(amount: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  if (whole === 0) return weights.map((_, index) => (index === 0 ? amount : 0));
  // The product of two amounts may be beyond the whole numbers that a double holds.
  const products = weights.map((weight) => BigInt(amount) * BigInt(weight));
  const parts = products.map((product) => Number(product / BigInt(whole)));
  const losses = products.map((product) => Number(product % BigInt(whole)));
  const left = amount - parts.reduce((sum, part) => sum + part, 0);
  const byLoss = [...weights.keys()].sort((a, b) => (losses[b] ?? 0) - (losses[a] ?? 0));
  for (const index of byLoss.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1;
  return parts;
}
