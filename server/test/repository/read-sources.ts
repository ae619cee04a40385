import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Sources } from './import-rules.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Folders of generated files and of packages. */
const FOREIGN = /\/(?:node_modules|paraglide|build|\.svelte-kit)\//;

/** Reads the source files in these folders of the repository; a place with a dot in its name is a single file. */
export function readSources(places: readonly string[]): Sources {
  const files = places.flatMap((place) =>
    place.includes('.')
      ? [place]
      : readdirSync(ROOT + place, { recursive: true, encoding: 'utf8' }).map((file) => `${place}/${file}`),
  );
  const ours = files.filter((file) => /\.(?:ts|js|svelte)$/.test(file) && !FOREIGN.test(file));
  return new Map(ours.map((file) => [file, readFileSync(ROOT + file, 'utf8')]));
}
