// @ts-check
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Files that set-up fetches and remembers. The folder may be deleted; set-up makes it again. */
export const CACHE = resolve(ROOT, '.cache');
