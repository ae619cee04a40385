import { readFile, writeFile } from 'node:fs/promises';
import { createCommandLine, runWithOptions } from '../../scripts/command-line/command-line.ts';
import { anyText } from '../../scripts/command-line/values.ts';
import { FIGURES_FILE, readFigures } from './figures.ts';
import { withFigures } from './readme-section.ts';

const README = 'README.md';

const commandLine = createCommandLine(
  { figures: { placeholder: 'FILE', help: 'recorded figures', read: anyText, default: FIGURES_FILE } },
  {
    intro: `Writes recorded figures into ${README}, between its two markers. All parts must be there, from one machine:

  npm run bench -- --figures ${FIGURES_FILE}
  npm run bench -- --servers 2 --figures ${FIGURES_FILE}
  npm run bench -- pages --figures ${FIGURES_FILE}
  npm run bench -- list-load --figures ${FIGURES_FILE}
  npm run bench -- readme [options]`,
    toOptions: ({ figures }) => figures,
  },
);

/** Writes the recorded figures into README.md. Resolves to the exit code. */
export function updateReadme(args: readonly string[]): Promise<number> {
  return runWithOptions(commandLine, args, async (file) => {
    const readme = await withFigures(await readFile(README, 'utf8'), await readFigures(file));
    await writeFile(README, readme);
    return 0;
  });
}
