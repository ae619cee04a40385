import { readFileSync } from 'node:fs';
import type { Build } from '#shared/text/build.ts';

const ROOT = new URL('../../', import.meta.url);

/** Reads the version, and the commit that the build notes beside the pages (scripts/setup/commit.js). */
export function readBuild(): Build {
  const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { version: string };
  return { version, commit: readCommit() };
}

function readCommit(): string | null {
  try {
    const note = readFileSync(new URL('web/build/.commit', ROOT), 'utf8').trim();
    return /^[0-9a-f]{12}$/.test(note) ? note : null;
  } catch {
    // The pages are not built, or were built outside of a clone.
    return null;
  }
}
