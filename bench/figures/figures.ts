import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import type { ValueOption } from '../../scripts/command-line/command-line.ts';
import { anyText, WrongOption } from '../../scripts/command-line/values.ts';

/** The figures that README.md shows; paths of options count from the project's folder. */
export const FIGURES_FILE = 'bench/figures.json';

export const CONDITIONS = z.object({
  measuredAt: z.iso.datetime(),
  node: z.string(),
  mongodb: z.string(),
  cores: z.int().positive(),
});

/** Date, versions and machine of a measurement. */
export type Conditions = z.infer<typeof CONDITIONS>;

const ROUND = z.object({ bookingsPerSecond: z.number(), p50Ms: z.number(), p99Ms: z.number() });
const BOOKINGS_OPTIONS = z.object({ sockets: z.int(), seconds: z.int(), rounds: z.int() });
const PAGE = z.object({ largestPaintMs: z.number(), layoutShift: z.number(), scriptBytes: z.number() });
const LATENCY = z.object({ p50Ms: z.number(), p99Ms: z.number() });

/** One part for each measurement, each with the conditions and options of its run. */
const FIGURES = z.object({
  rawLoop: z.object({
    conditions: CONDITIONS,
    options: BOOKINGS_OPTIONS,
    rounds: z.array(ROUND.extend({ raw16PerSecond: z.number(), raw64PerSecond: z.number() })).min(1),
  }),
  severalServers: z.object({
    conditions: CONDITIONS,
    options: BOOKINGS_OPTIONS,
    counts: z.array(z.object({ servers: z.int(), rounds: z.array(ROUND).min(1) })).min(1),
  }),
  pages: z.object({
    conditions: CONDITIONS,
    options: z.object({ visits: z.int() }),
    list: PAGE,
    event: PAGE,
  }),
  listLoad: z.object({
    conditions: CONDITIONS,
    options: z.object({ seconds: z.int(), rounds: z.int(), bookingsPerSecond: z.int(), readsPerSecond: z.int() }),
    alone: LATENCY,
    besideReaders: LATENCY,
  }),
});

export type Figures = z.infer<typeof FIGURES>;
type FiguresPart = keyof Figures;

/** Arguments of `npm run bench --` that measure a part. */
const ARGUMENTS: Record<FiguresPart, string> = {
  rawLoop: '',
  severalServers: '--servers 2 ',
  pages: 'pages ',
  listLoad: 'list-load ',
};

export const figuresOption = {
  placeholder: 'FILE',
  help: 'record the figures there, with date, versions and cores, in place of those of an earlier run',
  read: anyText,
} satisfies ValueOption<string>;

/** The conditions of a measurement that ends at `now`. */
export function conditionsAt(now: Date, mongodbVersion: string): Conditions {
  return {
    measuredAt: now.toISOString(),
    node: process.versions.node,
    mongodb: mongodbVersion,
    cores: availableParallelism(),
  };
}

/** Reads a file with all parts. Throws a WrongOption that names the first part that is missing or broken. */
export async function readFigures(file: string): Promise<Figures> {
  const parsed = FIGURES.safeParse(JSON.parse((await readIfPresent(file)) ?? '{}'));
  if (parsed.success) return parsed.data;
  const part = parsed.error.issues[0]?.path[0] as FiguresPart;
  throw new WrongOption(
    `${file} has no figures of "${part}". Record them: npm run bench -- ${ARGUMENTS[part]}--figures ${file}`,
  );
}

/** Writes one part into the file and keeps the others. */
export async function recordFigures<Part extends FiguresPart>(
  file: string,
  part: Part,
  figures: Figures[Part],
): Promise<void> {
  const earlier = FIGURES.partial().parse(JSON.parse((await readIfPresent(file)) ?? '{}'));
  const all = { ...earlier, [part]: FIGURES.shape[part].parse(figures) };
  await writeFile(file, `${JSON.stringify(all, null, 2)}\n`);
}

async function readIfPresent(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Rounded to so many decimals: more would only be noise in the file. */
export function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
