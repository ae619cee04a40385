import { z } from 'zod';
import { median } from '../median.ts';

/** One round of a figure: the measured value, and its baseline; null for a figure that is no ratio. */
const ROUND = z.object({ value: z.number(), baseline: z.number().nullable() });
export type FigureRound = z.infer<typeof ROUND>;

const FIGURE = z.object({
  id: z.string(),
  what: z.string(),
  /** The divisor of the value; null for a figure that is no ratio. */
  against: z.string().nullable(),
  /** Unit of the value and its baseline. */
  unit: z.string(),
  rounds: z.array(ROUND).min(1),
  /** Median over the rounds of value divided by baseline, or of the value. */
  result: z.number(),
  /** Lowest and highest round. */
  spread: z.object({ lowest: z.number(), highest: z.number() }),
  /** Whether more is better ("least") or less ("most"). */
  bound: z.enum(['least', 'most']),
  /** What the figure has to reach, and what it should reach. */
  mark: z.number(),
  aim: z.number(),
});

export const FIGURE_SCHEMA = FIGURE;
export type Figure = z.infer<typeof FIGURE>;

/** What a figure compares, and what it has to reach. */
export type FigureLine = Pick<Figure, 'what' | 'against' | 'unit' | 'bound' | 'mark' | 'aim'>;

type Verdict = 'aim met' | 'mark met' | 'missed';

/** A figure of its rounds. Throws without a round. */
export function figureOf(id: string, line: FigureLine, rounds: readonly FigureRound[]): Figure {
  const results = rounds.map(resultOf);
  return {
    id,
    ...line,
    rounds: rounds.map(({ value, baseline }) => ({
      value: shortened(value),
      baseline: baseline === null ? null : shortened(baseline),
    })),
    result: shortened(median(results)),
    spread: { lowest: shortened(Math.min(...results)), highest: shortened(Math.max(...results)) },
  };
}

function resultOf({ value, baseline }: FigureRound): number {
  return value / (baseline ?? 1);
}

export function verdictOf({ result, bound, mark, aim }: Pick<Figure, 'result' | 'bound' | 'mark' | 'aim'>): Verdict {
  const isMet = (goal: number) => (bound === 'least' ? result >= goal : result <= goal);
  if (isMet(aim)) return 'aim met';
  return isMet(mark) ? 'mark met' : 'missed';
}

/** To four significant digits: more would only be noise in the file. */
function shortened(value: number): number {
  return Number(value.toPrecision(4));
}
