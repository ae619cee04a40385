// @ts-check
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** What set-up fetches and remembers; safe to delete, it is made again. */
export const CACHE = resolve(ROOT, '.cache');
