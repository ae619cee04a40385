import { wholeText } from '../../load/number-text.ts';
import type { Check } from './checks.ts';

/** What a soak has found. */
export interface SoakResult {
  minutes: number;
  /** Acknowledged bookings. */
  bookings: number;
  kills: number;
  lostConnections: number;
  checks: Check[];
  /** What is wrong, as sentences. */
  problems: string[];
}

const HEADINGS = ['', 'second quarter', 'last quarter', 'at most', ''];

/** The result as text for people, one line each: a table, and what is wrong. */
export function reportLines({ minutes, bookings, kills, lostConnections, checks, problems }: SoakResult): string[] {
  const rows = checks.map(({ what, early, late, most, isFine }) => [
    what,
    numberText(early),
    numberText(late),
    most === null ? '' : numberText(most),
    isFine ? '' : 'GROWS',
  ]);
  const grows = checks.filter(({ isFine }) => !isFine).map(({ what }) => `${what}: grows`);
  const wrong = [...grows, ...problems];
  return [
    `${minutes.toFixed(1)} minutes, ${wholeText(bookings)} bookings acknowledged, ${wholeText(kills)} kills of a server, ` +
      `${wholeText(lostConnections)} connections lost`,
    '',
    ...tableLines([HEADINGS, ...rows]),
    '',
    ...(wrong.length === 0 ? ['Nothing grows, and every invariant holds.'] : wrong.map((what) => `WRONG: ${what}`)),
  ];
}

function numberText(value: number): string {
  return Number.isInteger(value) || value >= 100 ? wholeText(value) : value.toFixed(1);
}

/** Columns of equal width; all but the first are aligned to the right. */
function tableLines(rows: readonly string[][]): string[] {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
