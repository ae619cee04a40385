import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './examples.ts';

/** A fenced block of the handbook that a marker names: `<!-- newcomer: database -->` in the line before it. */
export interface HandbookStep {
  name: string;
  commands: string;
}

export function readHandbook(): string {
  return readFileSync(join(REPOSITORY, 'docs/operations.md'), 'utf8');
}

/** The commands of a path through the handbook, such as "newcomer", in its order. */
export function stepsOf(handbook: string, path: string): HandbookStep[] {
  const marked = new RegExp(`<!-- ${path}: ([\\w -]+) -->\\s*\`\`\`sh\\n([^]*?)\`\`\``, 'g');
  return [...handbook.matchAll(marked)].map(([, name = '', commands = '']) => ({ name, commands }));
}
