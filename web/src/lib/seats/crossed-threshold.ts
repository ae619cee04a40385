/** The announced threshold that a change of free seats crosses: 10 left, 1 left, none, some again; null for none. */
export function crossedThreshold(before: number, after: number): 10 | 1 | 'sold_out' | 'back' | null {
  if (before > 0 && after === 0) return 'sold_out';
  if (before === 0 && after > 0) return 'back';
  if (before > 1 && after === 1) return 1;
  return before > 10 && after <= 10 && after > 1 ? 10 : null;
}
