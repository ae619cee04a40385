import { WrongOption } from '../../scripts/command-line/values.ts';
import { median } from '../median.ts';
import type { Conditions, Figures } from './figures.ts';
import { dayText, tableLines } from './marked-section.ts';

/** Date and machine in a sentence, a table of bookings, a table of pages, and a sentence on readers of the list. */
export function figuresSection(figures: Figures): string {
  const { rawLoop, listLoad } = figures;
  const { seconds, rounds, sockets } = rawLoop.options;
  const { readsPerSecond } = listLoad.options;
  return [
    `Measured ${conditionsText(Object.values(figures).map(({ conditions }) => conditions))}.`,
    `Ranges cover ${rounds} round${rounds === 1 ? '' : 's'} of ${seconds} s; latencies are the median of the rounds.`,
    '',
    ...tableLines(['measurement', 'bookings/s', 'p50', 'p99'], bookingRows(figures, sockets)),
    '',
    ...tableLines(['page over slow 4G', 'largest paint', 'layout shift', 'scripts'], pageRows(figures)),
    '',
    `While clients read the list ${readsPerSecond.toLocaleString('en')} times a second, 99 % of bookings take at most ` +
      `${wholeMs(listLoad.besideReaders.p99Ms)}; without readers, ${wholeMs(listLoad.alone.p99Ms)}.`,
  ].join('\n');
}

/** All parts must be of one machine with the same versions: one table compares them. */
function conditionsText(all: readonly Conditions[]): string {
  const machines = new Set(
    all.map(
      ({ cores, node, mongodb }) =>
        `on ${cores} cores, shared by server, database and load (Node ${node}, MongoDB ${mongodb})`,
    ),
  );
  const [machine, other] = machines;
  if (machine === undefined || other !== undefined)
    throw new WrongOption(
      `The figures must be of one machine and the same versions; they are ${[...machines].join(', and ')}.`,
    );
  const dates = [...new Set(all.map(({ measuredAt }) => measuredAt.slice(0, 10)))].sort();
  return `${dates.length === 1 ? 'on' : 'from'} ${dates.map(dayText).filter(isFirstOrLast).join(' to ')} ${machine}`;
}

function isFirstOrLast(_: string, index: number, all: readonly string[]): boolean {
  return index === 0 || index === all.length - 1;
}

function bookingRows({ rawLoop, severalServers }: Figures, sockets: number): string[][] {
  const raw = rawLoop.rounds.map(({ raw16PerSecond, raw64PerSecond }) => Math.max(raw16PerSecond, raw64PerSecond));
  return [
    [`${sockets} sockets, with every push`, ...bookingColumns(rawLoop.rounds)],
    ['raw loop, the better of 16 and 64 in flight', rangeText(raw), '', ''],
    ...severalServers.counts
      .filter(({ servers }) => servers > 1)
      .map(({ servers, rounds }) => [
        `${servers} servers on one event, ${severalServers.options.sockets} sockets each`,
        ...bookingColumns(rounds),
      ]),
  ];
}

function bookingColumns(rounds: Figures['severalServers']['counts'][number]['rounds']): string[] {
  return [
    rangeText(rounds.map(({ bookingsPerSecond }) => bookingsPerSecond)),
    wholeMs(median(rounds.map(({ p50Ms }) => p50Ms))),
    wholeMs(median(rounds.map(({ p99Ms }) => p99Ms))),
  ];
}

function pageRows({ pages }: Figures): string[][] {
  return [
    { name: 'list', page: pages.list },
    { name: 'event', page: pages.event },
  ].map(({ name, page }) => [
    name,
    `${(page.largestPaintMs / 1_000).toFixed(1)} s`,
    page.layoutShift.toFixed(3),
    `${Math.round(page.scriptBytes / 1_000)} kB`,
  ]);
}

/** "6,610–7,700", to three significant digits; one number if both ends are the same. */
function rangeText(values: readonly number[]): string {
  const ends = [Math.min(...values), Math.max(...values)].map((value) =>
    Number(value.toPrecision(3)).toLocaleString('en'),
  );
  return [...new Set(ends)].join('–');
}

function wholeMs(value: number): string {
  return `${Math.round(value)} ms`;
}
