import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { nodeCommand } from '../../scripts/tasks/program.js';
import type { Performance } from './performance.ts';

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

test('the figures of a sale are measured, and their stored records agree', async () => {
  const options = ['all', '--small', '--only', 'sale', '--rounds', '1', '--json'];
  const { command, args, cwd } = nodeCommand([MAIN, ...options]);
  const { stdout } = await run(command, args, { cwd });
  const { figures, costs } = JSON.parse(stdout) as Performance;
  expect(figures.map(({ id }) => id)).toEqual(['M1', 'M1 types', 'M2', 'M3', 'M4']);
  for (const { rounds, result } of figures) {
    expect(rounds).toHaveLength(1);
    expect(result).toBeGreaterThan(0);
  }
  expect(Object.keys(costs)).toEqual(['bookingLedgerBytes', 'bookingServerMs', 'bookingDatabaseMs']);
});
