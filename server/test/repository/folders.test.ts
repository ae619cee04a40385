import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSources } from './read-sources.ts';

/** A reader finds a file by its name among a dozen at most. */
const MOST_FILES = 12;

/** Tests and fixtures lie beside what they test, and do not count. */
const isSource = (file: string) => !/\.(?:test|fixture)\.ts$/.test(file);

function crowdedFolders(files: readonly string[]): string[] {
  const folders = Map.groupBy(files.filter(isSource), (file) => dirname(file));
  return [...folders].filter(([, inside]) => inside.length > MOST_FILES).map(([folder]) => folder);
}

describe('a folder of sources', () => {
  test('has a dozen files at most, tests aside', () => {
    const files = [...readSources(['shared/src', 'server/src', 'web/src', 'bench', 'scripts']).keys()];
    expect(files.length).toBeGreaterThan(500);
    expect(crowdedFolders(files)).toEqual([]);
  });

  test('is found if it has more', () => {
    const files = Array.from({ length: 13 }, (_, index) => `shared/src/${index}.ts`);
    expect(crowdedFolders(files)).toEqual(['shared/src']);
    expect(crowdedFolders([...files.slice(1), 'shared/src/0.test.ts', 'shared/src/0.fixture.ts'])).toEqual([]);
  });
});
