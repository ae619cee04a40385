import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Imports of modules that open sockets or start processes; type imports do neither. */
const IMPURE =
  /^import (?!type )[^']*'(node:(?:net|http|https|tls|child_process|cluster)|socket\.io(?:-client)?|[^']*\/(?:test-app|test-http|engine-world|live-world|server-process|test-database|embedded|mailbox)\.ts)'/gm;

/** Only tests named `x.int.test.ts` may open sockets and start processes; every other test is pure. */
const isPure = (file: string) => !file.endsWith('.int.test.ts');

function impurities(text: string): string[] {
  return [...text.matchAll(IMPURE)].map(([, specifier = '']) => specifier);
}

describe('a test whose name does not end in .int.test.ts', () => {
  const folders = ['shared', 'scripts', 'bench', 'server', 'web/src'];
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*.test.ts`, { cwd: ROOT }));

  test('imports nothing that opens sockets or starts processes', () => {
    const found = files.filter(isPure).flatMap((file) => {
      const names = impurities(readFileSync(ROOT + file, 'utf8'));
      return names.map((name) => `${file} imports ${name}: rename it to end in .int.test.ts`);
    });
    expect(found).toEqual([]);
  });

  test('is checked by a rule that finds the impure imports of the other tests', () => {
    const texts = files.filter((file) => !isPure(file)).map((file) => impurities(readFileSync(ROOT + file, 'utf8')));
    expect(texts.flat()).toEqual(expect.arrayContaining(['node:http', 'node:net', 'node:child_process', 'socket.io']));
    expect(texts.flat().some((name) => name.endsWith('/test-app.ts'))).toBe(true);
    expect(impurities("import type { Server } from 'node:net';")).toEqual([]);
  });
});
