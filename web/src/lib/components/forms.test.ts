import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** The opening tag of each form in the pages' sources, by file. */
function formTags(): [file: string, tag: string][] {
  return globSync('**/*.svelte', { cwd: ROOT }).flatMap((file) => {
    const source = readFileSync(resolve(ROOT, file), 'utf8').replace(/<!--[^]*?-->/g, '');
    return [...source.matchAll(/<form\b[^]*?[^=]>/g)].map(([tag]): [string, string] => [file, tag]);
  });
}

test('a browser without scripts sends only searches of events in the address, and every other form by POST', () => {
  const tags = formTags();
  const wrong = tags.filter(([, tag]) => !/\smethod="post"/.test(tag)).map(([file]) => file);
  expect(tags.length).toBeGreaterThan(4);
  expect(wrong).toEqual(['lib/components/SearchField.svelte']);
});
