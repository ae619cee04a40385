import type { Finding } from './finding.ts';

const VERDICT_WIDTH = 'wrong'.length;
/** Between the columns. */
const GAP = '  ';

/** The findings as a table of plain text, each with its advice below, and a line that counts them. */
export function tableOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const indent = ' '.repeat(VERDICT_WIDTH + width + 2 * GAP.length);
  const lines = findings.flatMap(({ verdict, check, found, advice }) => [
    [verdict.padEnd(VERDICT_WIDTH), check.padEnd(width), found].join(GAP),
    ...(advice === null ? [] : [`${indent}→ ${advice}`]),
  ]);
  return [...lines, '', countsOf(findings)].join('\n');
}

/** The findings as JSON, with the number of each verdict. */
export function jsonOf(findings: readonly Finding[]): string {
  return JSON.stringify({ ...numbers(findings), findings }, null, 2);
}

function countsOf(findings: readonly Finding[]): string {
  const { good, look, wrong } = numbers(findings);
  return `${good} good, ${look} to look at, ${wrong} wrong`;
}

function numbers(findings: readonly Finding[]): Record<Finding['verdict'], number> {
  const counts = { good: 0, look: 0, wrong: 0 };
  for (const { verdict } of findings) counts[verdict] += 1;
  return counts;
}
