import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const DECISIONS = 'docs/decisions';

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function markdownIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap(([, name]) => (name ? [name] : []));
}

/** Paths of this repository's source files and documents in backticks, from the repository's root. */
const NAMED_FILE = /`((?:shared|server|web|scripts|bench|e2e|docs)\/[\w./-]+\.(?:ts|js|py|md))`/g;
const COMMAND = /npm run ([\w:-]+)/g;
const LINK = /\]\(([^)#]+)(?:#[^)]*)?\)/g;

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...markdownIn('docs'),
  ...markdownIn(DECISIONS),
];

test('links, files and commands in documents are found', () => {
  const readme = read('README.md');
  expect(found(readme, LINK)).toContain('docs/PROTOCOL.md');
  expect(found(readme, COMMAND)).toContain('check');
  expect(found(read('docs/architecture.md'), NAMED_FILE)).toContain('server/src/socket/dispatch.ts');
});

describe.each(documents)('%s', (document) => {
  const text = read(document);

  test('links to existing files only', () => {
    const links = found(text, LINK).filter((link) => !/^https?:/.test(link));
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(document), link)))).toEqual([]);
  });

  test('names existing files only', () => {
    expect(found(text, NAMED_FILE).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  test('names existing commands only', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(found(text, COMMAND).filter((name) => !(name in scripts))).toEqual([]);
  });
});

test('every decision is in the index, and states its reason', () => {
  const index = read(`${DECISIONS}/README.md`);
  const decisions = readdirSync(join(ROOT, DECISIONS)).filter((name) => /^\d/.test(name));
  expect(decisions.length).toBeGreaterThan(0);
  for (const decision of decisions) {
    expect(index).toContain(`(${decision})`);
    expect(read(join(DECISIONS, decision))).toMatch(/\*\*Decided\.\*\*[^]+\*\*Why/);
  }
});

test('the README shows the pages in a picture that is small enough to load fast', () => {
  expect(read('README.md')).toContain('](docs/screenshot.png)');
  const picture = readFileSync(join(ROOT, 'docs/screenshot.png'));
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  expect(picture.length).toBeLessThan(300_000);
});
