import { runWithOptions } from '../command-line/command-line.ts';
import { reportLines } from './report/report.ts';
import { runSoak } from './soak.ts';
import { soakCommandLine } from './options.ts';

process.exitCode = await runWithOptions(soakCommandLine, process.argv.slice(2), async (options) => {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());
  const result = await runSoak(options, interrupt.signal);
  process.stdout.write(`${reportLines(result).join('\n')}\n`);
  return result.problems.length === 0 && result.checks.every(({ isFine }) => isFine) ? 0 : 1;
});
