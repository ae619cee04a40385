import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { z } from 'zod';
import { WrongOption } from '../../scripts/command-line/values.ts';
import { CONDITIONS, conditionsAt } from '../figures/figures.ts';
import type { Figure } from './figure.ts';
import { FIGURE_SCHEMA } from './figure.ts';

/** The figures that docs/performance.md shows, and docs/scaling.md calculates with. */
export const PERFORMANCE_FILE = 'bench/performance.json';

const PERFORMANCE = z.object({
  conditions: CONDITIONS.extend({
    processor: z.string(),
    /** Programs that wanted a processor in the minute before, on average. */
    otherLoad: z.number(),
  }),
  options: z.object({ rounds: z.int(), seconds: z.int(), sockets: z.int() }),
  /** How long the whole run took. */
  minutes: z.number(),
  figures: z.array(FIGURE_SCHEMA).min(1),
  /** Costs by name, in the unit that the name ends with. */
  costs: z.record(z.string(), z.number()),
});

/** All figures of one run. */
export type Performance = z.infer<typeof PERFORMANCE>;

interface Run {
  otherLoad: number;
  options: Performance['options'];
  minutes: number;
  figures: Figure[];
  costs: Readonly<Record<string, number>>;
}

/** The figures of a run that ends at `now` on this machine. */
export function performanceAt(
  now: Date,
  mongodbVersion: string,
  { otherLoad, options, minutes, figures, costs }: Run,
): Performance {
  const processor = cpus()[0]?.model.trim() ?? 'unknown';
  return {
    conditions: { ...conditionsAt(now, mongodbVersion), processor, otherLoad: Number(otherLoad.toFixed(1)) },
    options,
    minutes: Number(minutes.toFixed(1)),
    figures,
    costs: Object.fromEntries(Object.entries(costs).map(([name, cost]) => [name, Number(cost.toPrecision(4))])),
  };
}

/** Throws a WrongOption for a file that is missing or broken. */
export async function readPerformance(file: string): Promise<Performance> {
  const text = await readFile(file, 'utf8').catch(() => null);
  const parsed = text === null ? null : PERFORMANCE.safeParse(JSON.parse(text));
  if (parsed?.success) return parsed.data;
  throw new WrongOption(`${file} has no figures. Record them: npm run bench -- all --figures ${file}`);
}

export async function writePerformance(file: string, performance: Performance): Promise<void> {
  await writeFile(file, `${JSON.stringify(PERFORMANCE.parse(performance), null, 2)}\n`);
}
