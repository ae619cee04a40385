/** What a buyer does next. */
export const ACTIONS = ['book', 'look', 'cancel'] as const;
export type Action = (typeof ACTIONS)[number];

/** How often each action is chosen, as weights of any size. */
export type ActionMix = Record<Action, number>;

/** Both ends are included. */
export interface Range {
  min: number;
  max: number;
}

/** A number in [0, 1), as Math.random gives it. */
export type Random = () => number;

/** A random generator that repeats its numbers for the same seed (mulberry32 over an FNV-1a hash). */
export function seededRandom(seed: string): Random {
  let state = hashOf(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

/** One of these names; the chance of each is in proportion to its weight. */
export function pickWeighted<N extends string>(weights: Record<N, number>, names: readonly N[], random: Random): N {
  let left = random() * names.reduce((sum, name) => sum + weights[name], 0);
  for (const name of names) {
    left -= weights[name];
    if (left < 0) return name;
  }
  return names.at(-1) as N;
}

/** A whole number of the range, each with the same chance. */
export function pickNumber({ min, max }: Range, random: Random): number {
  return min + Math.floor(random() * (max - min + 1));
}

/** One of a list, which must not be empty. */
export function pickOne<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)] as T;
}
