import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const GUARD = fileURLToPath(new URL('./exit-guard.ts', import.meta.url));

/** Runs a program that sets the exit guard to `ms` and then runs `code`. Resolves with how the program ended. */
async function endOf(ms: number, code: string): Promise<unknown> {
  const program = `import { killAfter } from ${JSON.stringify(GUARD)}; killAfter(${ms}); ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore' });
  const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return exitCode ?? signal;
}

test('the exit guard kills a process whose event loop is stuck for ever', async () => {
  expect(await endOf(100, 'for (;;);')).toBe('SIGKILL');
});

test('the exit guard neither delays nor kills a process that ends in time', async () => {
  expect(await endOf(600_000, '')).toBe(0);
});
