import { describe, expect, test } from 'vitest';
import { sharedTypeNames, unusedExports } from './export-rules.ts';
import type { Sources } from './import-rules.ts';
import { readSources } from './read-sources.ts';

/** Exports that only a test imports, each with the reason why the test needs it. */
const FOR_TESTS: Readonly<Record<string, string>> = {
  'web/src/lib/live/organiser/event-tab.svelte.ts: EventTabPage': 'Pages get the one of their browser.',
  'server/src/config.ts: SETTING_NAMES': 'compared with .env.example, which documents every setting',
  'server/src/migrations/collections.ts: wantedCollections':
    'compared with the recorded ones: a change needs a new version of the database',
  'server/src/booking/store/waitlist-entries.ts: toWaitlistEntryState':
    'histories compare the stored list with a model',
  'shared/src/poster/poster-colors.ts: POSTER_COLORS': 'compared with the tokens of the pages',
};

/** Files whose exports are checked; a framework prescribes the exports of routes, service worker and configuration. */
const EXPORTERS = /^(?:shared\/src|server\/src|web\/src\/lib|scripts|bench)\/.*(?<!\.config)\.(?:ts|js)$/;
const IMPORTERS = [
  'shared',
  'server',
  'web/src',
  'web/vite.config.ts',
  'web/vitest.config.ts',
  'scripts',
  'bench',
  'e2e',
];

describe('exports', () => {
  const unused = unusedExports(readSources([...IMPORTERS, 'eslint.config.js', 'vitest.workspace.ts']), (file) =>
    EXPORTERS.test(file),
  );

  test('are imported by another file that is not a test', () => {
    expect(unused.filter((name) => !(name in FOR_TESTS))).toEqual([]);
  });

  test('for tests alone are imported by no other file', () => {
    expect(Object.keys(FOR_TESTS).filter((name) => !unused.includes(name))).toEqual([]);
  });
});

/** Ports, the types of what a folder needs, may have the same name as the type that another folder implements. */
const PORTS = ['AccountBookings', 'BookingViews'];

describe('types', () => {
  test('have unique names across server, web app and protocol', () => {
    const shared = sharedTypeNames(readSources(['shared/src', 'server/src', 'web/src/lib']), (file) =>
      file.endsWith('.ts'),
    );
    expect(shared.filter((line) => !PORTS.includes(line.split(':')[0] ?? ''))).toEqual([]);
  });

  test('with the same name in two files are found', () => {
    const sources = new Map([
      ['server/src/a.ts', 'interface A {}\nexport type B = A;'],
      ['shared/src/b.ts', 'export interface B {}'],
      ['server/src/c.test.ts', 'type A = 1;'],
    ]);
    expect(sharedTypeNames(sources, () => true)).toEqual(['B: server/src/a.ts, shared/src/b.ts']);
  });
});

describe('the rule of exports', () => {
  const unusedOf = (files: Record<string, string>): string[] =>
    unusedExports(new Map(Object.entries(files)) satisfies Sources, (file) => file.startsWith('server/src/'));
  const A = 'server/src/a.ts';

  test.each([
    ['a function', 'export async function a(): Promise<void> {}', 'a'],
    ['a class', 'export class a {}', 'a'],
    ['a constant', 'export const a = 1;', 'a'],
    ['a type', 'export type a = ReturnType<typeof b>;', 'a'],
    ['an interface', 'export interface a {}', 'a'],
    ['a list', 'const a = 1;\nexport { a };', 'a'],
    ['a list under another name', "export { b as a } from './b.ts';", 'a'],
    ['a destructured constant', 'export const { b: a } = mongoose;', 'a'],
    ['a default', 'export default 1;', 'default'],
  ])('finds %s that no other file imports', (_what, text, name) => {
    expect(unusedOf({ [A]: text })).toEqual([`${A}: ${name}`]);
    expect(unusedOf({ [A]: text, 'server/src/x.ts': "import { other } from './a.ts';" })).toHaveLength(1);
  });

  test.each([
    ["import { a } from './a.ts';"],
    ["import type {\n  a,\n} from './a.ts';"],
    ["import { b, type a as c } from '#server/a.ts';"],
    ["import * as all from './a.ts';"],
    ["export { a } from './a.ts';"],
    ["export * from './a.ts';"],
    ["const { a: b } = await import('./a.ts');"],
    ["const b = (await import('./a.ts')).a;"],
    ["type B = typeof import('./a.ts').a;"],
    ['<script lang="ts">\n  import { a } from \'./a.ts\';\n</script>'],
  ])('recognises %j as an import', (text) => {
    const files = { [A]: 'export const a = 1;', 'server/src/x.svelte': text };
    expect(unusedOf(files).filter((name) => name.startsWith(A))).toEqual([]);
  });

  test('counts imports by tests only for files that support tests', () => {
    const files = { [A]: 'export const a = 1;', 'server/src/f.fixture.ts': 'export const f = 1;' };
    const text = "import { a } from './a.ts';\nimport { f } from './f.fixture.ts';";
    for (const file of ['server/src/x.test.ts', 'server/src/y.fixture.ts']) {
      expect(unusedOf({ ...files, [file]: text })).toEqual([`${A}: a`]);
    }
    expect(unusedOf(files)).toEqual([`${A}: a`, 'server/src/f.fixture.ts: f']);
  });
});
