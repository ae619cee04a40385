import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const GUARD = fileURLToPath(new URL('./exit-guard.ts', import.meta.url));

/** How a program ends that asks to be killed after this time, and then runs this code. */
async function endOf(ms: number, code: string): Promise<unknown> {
  const program = `import { killAfter } from ${JSON.stringify(GUARD)}; killAfter(${ms}); ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore' });
  const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return exitCode ?? signal;
}

test('a process whose event loop is stuck for ever is killed', async () => {
  expect(await endOf(100, 'for (;;);')).toBe('SIGKILL');
});

test('a process that ends in time is not kept running, nor killed', async () => {
  expect(await endOf(600_000, '')).toBe(0);
});
