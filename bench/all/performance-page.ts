import { dayText, tableLines } from '../figures/marked-section.ts';
import { median } from '../median.ts';
import { COST_LINES } from './cost-lines.ts';
import type { Figure } from './figure.ts';
import { verdictOf } from './figure.ts';
import type { Performance } from './performance.ts';

const HEADINGS = ['#', 'figure', 'measured', 'spread', 'at least', 'aim', 'verdict', 'medians'];

/** Date and machine in a sentence, a table of all figures, and one of the costs beside them. */
export function performanceSection(performance: Performance): string {
  const { conditions, options, minutes } = performance;
  const { measuredAt, cores, processor, node, mongodb, otherLoad } = conditions;
  return [
    `Measured on ${dayText(measuredAt)} on ${cores} cores (${processor}), shared by server, database and load, with Node ` +
      `${node} and MongoDB ${mongodb}: ${options.rounds} rounds, ${options.seconds} s for each measurement, ` +
      `${options.sockets} sockets, ${minutes} minutes altogether. In the minute before, ${otherLoad} other programs wanted a ` +
      'processor at a time.',
    '',
    ...figureTable(performance),
    '',
    ...tableLines(['cost', 'measured'], costRows(performance)),
  ].join('\n');
}

/** A line for each figure. */
export function figureTable({ figures }: Performance): string[] {
  return tableLines(HEADINGS, figures.map(columnsOf));
}

function costRows({ costs }: Performance): string[][] {
  return Object.entries(COST_LINES).flatMap(([name, { what, unit }]) => {
    const cost = costs[name];
    return cost === undefined ? [] : [[what, `${shortText(cost)} ${unit}`]];
  });
}

function columnsOf(figure: Figure): string[] {
  const { id, what, against, spread, bound, mark, aim, result } = figure;
  const sign = bound === 'least' ? '≥' : '≤';
  const unit = against === null ? ` ${figure.unit}` : '';
  return [
    id,
    against === null ? what : `${what} ÷ ${against}`,
    `${shortText(result)}${unit}`,
    `${shortText(spread.lowest)}–${shortText(spread.highest)}`,
    `${sign} ${mark}${unit}`,
    `${sign} ${aim}${unit}`,
    verdictOf(figure),
    mediansText(figure),
  ];
}

/** The medians of value and baseline, such as "6,140 ÷ 1,230 1/s"; empty for a figure that is no ratio. */
function mediansText({ rounds, unit, against }: Figure): string {
  if (against === null) return '';
  const value = median(rounds.map((round) => round.value));
  const baseline = median(rounds.map((round) => round.baseline ?? 1));
  return `${shortText(value)} ÷ ${shortText(baseline)} ${unit}`;
}

/** Three significant digits. */
function shortText(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en');
}
