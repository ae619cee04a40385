import { readFile, writeFile } from 'node:fs/promises';
import { createCommandLine, runWithOptions } from '../../scripts/command-line/command-line.ts';
import { anyText } from '../../scripts/command-line/values.ts';
import { PAGES, pagesWith } from './pages.ts';
import { PERFORMANCE_FILE, readPerformance } from './performance.ts';

const commandLine = createCommandLine(
  { figures: { placeholder: 'FILE', help: 'recorded figures', read: anyText, default: PERFORMANCE_FILE } },
  {
    intro: `Writes recorded figures into ${PAGES.map(({ file }) => file).join(' and ')}, between two markers each.

  npm run bench -- all --figures ${PERFORMANCE_FILE}
  npm run bench -- performance [options]`,
    toOptions: ({ figures }) => figures,
  },
);

/** Writes the recorded figures into the pages. Resolves to the exit code. */
export function updatePerformance(args: readonly string[]): Promise<number> {
  return runWithOptions(commandLine, args, async (file) => {
    const pages = await pagesWith(await readPerformance(file), (page) => readFile(page, 'utf8'));
    for (const page of pages) await writeFile(page.file, page.text);
    return 0;
  });
}
