import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { WrongOption } from '../../scripts/command-line/values.ts';
import { figuresSection } from './figures-section.ts';
import type { Figures } from './figures.ts';
import { FIGURES_FILE } from './figures.ts';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const BEGIN = `<!-- Figures from ${FIGURES_FILE}, written by: npm run bench -- readme -->`;
const END = '<!-- End of the figures -->';

/** The text of README.md with these figures between its two markers, laid out by Prettier. */
export async function withFigures(readme: string, figures: Figures): Promise<string> {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new WrongOption(`README.md has no lines "${BEGIN}" and "${END}".`);
  const text = `${before}${BEGIN}\n\n${figuresSection(figures)}\n\n${END}${after}`;
  return format(text, { ...(await resolveConfig(README)), parser: 'markdown' });
}
