import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Sources } from './import-rules.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Generated, or somebody else's. */
const FOREIGN = /\/(?:node_modules|paraglide|build|\.svelte-kit)\//;

/** The source files in these folders of the repository; a name with a dot is a file. */
export function readSources(places: readonly string[]): Sources {
  const files = places.flatMap((place) =>
    place.includes('.')
      ? [place]
      : readdirSync(ROOT + place, { recursive: true, encoding: 'utf8' }).map((file) => `${place}/${file}`),
  );
  const ours = files.filter((file) => /\.(?:ts|js|svelte)$/.test(file) && !FOREIGN.test(file));
  return new Map(ours.map((file) => [file, readFileSync(ROOT + file, 'utf8')]));
}
