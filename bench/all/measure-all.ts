import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { mongodVersion } from '#server/mongo/embedded/mongod-binary.ts';
import { createCommandLine, runWithOptions } from '../../scripts/command-line/command-line.ts';
import { listOf, oneOf, wholeNumber, WrongOption } from '../../scripts/command-line/values.ts';
import { findMongod } from '../../scripts/setup/mongod.js';
import { say } from '../../scripts/setup/say.js';
import { figuresOption } from '../figures/figures.ts';
import { interruptible } from '../interruptible.ts';
import { RecordsDiffer } from '../probes/agreement.ts';
import type { Figure } from './figure.ts';
import { figureOf } from './figure.ts';
import type { FigureId } from './figure-lines.ts';
import { FIGURE_LINES } from './figure-lines.ts';
import type { GroupFigures, GroupSizes } from './group.ts';
import { GROUPS } from './groups.ts';
import { figureTable } from './performance-page.ts';
import { performanceAt, PERFORMANCE_FILE, writePerformance } from './performance.ts';

const FULL = {
  sockets: 200,
  crowd: 500,
  events: 10_000,
  clients: 5_000,
  watchers: 8_000,
  audience: 2_000,
  lastClients: 1_000,
};
const SMALL = {
  seconds: 0.2,
  sockets: 20,
  crowd: 20,
  events: 200,
  clients: 100,
  watchers: 100,
  audience: 50,
  lastClients: 50,
};

const commandLine = createCommandLine(
  {
    rounds: {
      placeholder: 'N',
      help: 'number of rounds; in each, every value and its baseline are measured in turn',
      read: wholeNumber(1, 20),
      default: '3',
    },
    seconds: { placeholder: 'N', help: 'length of each measurement', read: wholeNumber(1, 60), default: '3' },
    only: {
      placeholder: 'LIST',
      help: `measure only these: ${Object.keys(GROUPS).join(',')}`,
      read: listOf(oneOf(Object.keys(GROUPS))),
    },
    small: { help: 'small sizes, which show that everything runs: the figures mean nothing' },
    json: { help: 'print the figures as JSON, and nothing else, to the standard output' },
    figures: figuresOption,
  },
  {
    intro: `Measures every figure of docs/performance.md, each against a baseline of the same run. Takes ten minutes on two cores.
Exits with 1 if stored records are not what was acknowledged: all figures of the run are void then.

  npm run bench -- all --figures ${PERFORMANCE_FILE}
  npm run bench -- performance    write them into docs/performance.md and docs/scaling.md`,
    toOptions: (values): AllOptions => {
      if (values.figures !== null && (values.only !== null || values.small))
        throw new WrongOption('--figures records a whole run: leave out --only and --small.');
      return values;
    },
  },
);

interface AllOptions {
  rounds: number;
  seconds: number;
  only: string[] | null;
  small: boolean;
  json: boolean;
  figures: string | null;
}

/** Measures all figures. Resolves to the exit code. */
export function measureAll(args: readonly string[]): Promise<number> {
  return runWithOptions(commandLine, args, (options) => interruptible((signal) => run(options, signal)));
}

async function run(options: AllOptions, signal: AbortSignal): Promise<number> {
  // Processor times and resident memory are read from there.
  if (!existsSync('/proc/self/stat')) throw new WrongOption('The figures can be measured on Linux only.');
  const startMs = performance.now();
  const [otherLoad = 0] = loadavg();
  const { rounds, seconds } = options;
  const sizes = options.small ? { ...SMALL, rounds } : { ...FULL, rounds, seconds };
  try {
    const measured = await measureGroups(options.only ?? Object.keys(GROUPS), sizes, signal);
    const performanceOfRun = performanceAt(new Date(), await mongodVersion(await findMongod()), {
      otherLoad,
      options: { rounds, seconds: sizes.seconds, sockets: sizes.sockets },
      minutes: (performance.now() - startMs) / 60_000,
      figures: figuresOf(measured),
      costs: Object.assign({}, ...measured.map(({ costs = {} }) => costs)) as Record<string, number>,
    });
    const text = options.json ? JSON.stringify(performanceOfRun, null, 2) : figureTable(performanceOfRun).join('\n');
    process.stdout.write(`${text}\n`);
    if (options.figures !== null) await writePerformance(options.figures, performanceOfRun);
    return 0;
  } catch (error) {
    if (!(error instanceof RecordsDiffer)) throw error;
    say(`All figures of this run are void. ${error.message}`);
    return 1;
  }
}

async function measureGroups(
  names: readonly string[],
  sizes: GroupSizes,
  signal: AbortSignal,
): Promise<GroupFigures[]> {
  const measured: GroupFigures[] = [];
  for (const [name, measure] of Object.entries(GROUPS)) {
    if (!names.includes(name)) continue;
    say(`Measuring "${name}" …`);
    measured.push(await measure({ sizes, signal, log: (line) => say(`  ${line}`) }));
  }
  return measured;
}

/** In the order of the table. */
function figuresOf(measured: readonly GroupFigures[]): Figure[] {
  return (Object.keys(FIGURE_LINES) as FigureId[]).flatMap((id) => {
    const rounds = measured.flatMap((group) => group.rounds[id] ?? []);
    return rounds.length > 0 ? [figureOf(id, FIGURE_LINES[id], rounds)] : [];
  });
}
