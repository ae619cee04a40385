import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importedFiles } from './import-rules.ts';
import { unconnectedSteps, walksOf } from './walks.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const ARCHITECTURE = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');

/** The most files that each walk may name, in the order of the walks. */
const MOST_FILES = [25, 22, 20, 18];

const walks = [...walksOf(ARCHITECTURE)].map(([heading, steps], index) => ({
  heading,
  steps,
  most: MOST_FILES[index] ?? 0,
}));

describe('docs/architecture.md', () => {
  it('describes four walks', () => {
    expect(walks.map(({ steps }) => steps.length > 8)).toEqual([true, true, true, true]);
  });

  it.each(walks)('names only existing files, and few enough, in "$heading"', ({ steps, most }) => {
    expect(steps.map(({ file }) => file).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect(steps.length).toBeLessThanOrEqual(most);
  });

  it('marks at most twelve files of the first walk as the spine', () => {
    const first = ARCHITECTURE.slice(ARCHITECTURE.indexOf('## Walk 1'), ARCHITECTURE.indexOf('## Walk 2'));
    const spine = first.match(/\*\*`[^`]+`\*\*/g) ?? [];
    expect(spine.length).toBeGreaterThan(8);
    expect(spine.length).toBeLessThanOrEqual(12);
  });

  it.each(walks)('names files that import each other in the order of "$heading"', ({ steps }) => {
    const read = (file: string) => importedFiles(file, readFileSync(join(ROOT, file), 'utf8'));
    expect(unconnectedSteps(steps, read)).toEqual([]);
  });
});

describe('the rule of walks', () => {
  const steps =
    walksOf('## Walk 1: x\n\n1. `a.ts` asks\n2. `b.ts` and\n\n⇢ the wire\n\n3. `c.ts` answers\n4. `d.ts`.\n').get(
      'Walk 1: x',
    ) ?? [];

  it('finds a step that no import connects with a step above, unless a seam lies between', () => {
    const imports = (pairs: Record<string, string>) => (file: string) =>
      pairs[file] === undefined ? [] : [pairs[file]];
    expect(unconnectedSteps(steps, imports({}))).toEqual(['b.ts', 'd.ts']);
    expect(unconnectedSteps(steps, imports({ 'a.ts': 'b.ts', 'd.ts': 'c.ts' }))).toEqual([]);
  });
});
