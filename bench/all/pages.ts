import { withSection } from '../figures/marked-section.ts';
import { scalingSection } from '../scaling/scaling-section.ts';
import { performanceSection } from './performance-page.ts';
import type { Performance } from './performance.ts';
import { PERFORMANCE_FILE } from './performance.ts';

/** The documents that show the figures; paths count from the project's folder. */
export const PAGES = [
  { file: 'docs/performance.md', section: performanceSection },
  { file: 'docs/scaling.md', section: scalingSection },
];

/** The pages with these figures, by their paths from the project's folder; `read` gives the present text of one. */
export async function pagesWith(
  performance: Performance,
  read: (file: string) => Promise<string>,
): Promise<{ file: string; text: string }[]> {
  return Promise.all(
    PAGES.map(async ({ file, section }) => {
      const document = { file, figuresFile: PERFORMANCE_FILE, command: 'performance' };
      return { file, text: await withSection(document, await read(file), section(performance)) };
    }),
  );
}
