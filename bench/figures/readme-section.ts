import { figuresSection } from './figures-section.ts';
import type { Figures } from './figures.ts';
import { FIGURES_FILE } from './figures.ts';
import { withSection } from './marked-section.ts';

/** The text of README.md with these figures between its two markers. */
export function withFigures(readme: string, figures: Figures): Promise<string> {
  const document = { file: 'README.md', figuresFile: FIGURES_FILE, command: 'readme' };
  return withSection(document, readme, figuresSection(figures));
}
