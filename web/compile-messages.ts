import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compile } from '@inlang/paraglide-js';

const here = (path: string) => resolve(import.meta.dirname, path);

/** How the messages of both languages become modules: one way for the build, the development server and the tests. */
export const MESSAGES = {
  project: here('project.inlang'),
  outdir: here('src/lib/paraglide'),
  strategy: ['url', 'baseLocale'],
  outputStructure: 'message-modules',
} satisfies Parameters<typeof compile>[0];

/** The sources that the modules were last compiled from; a build empties the folder. */
const NOTE = resolve(MESSAGES.outdir, '.sources');

/** Compiles the messages unless their modules are of the same sources: compiling takes a second of every test run. */
export async function compileMessages(): Promise<void> {
  const sources = sourcesHash();
  if (existsSync(NOTE) && readFileSync(NOTE, 'utf8') === sources) return;
  await compile(MESSAGES);
  writeFileSync(NOTE, sources);
}

function sourcesHash(): string {
  const files = ['messages/*.json', 'project.inlang/settings.json', 'compile-messages.ts', '../package-lock.json'];
  const hash = createHash('sha256');
  for (const file of globSync(files, { cwd: here('.') }).toSorted()) hash.update(readFileSync(here(file)));
  return hash.digest('hex');
}
