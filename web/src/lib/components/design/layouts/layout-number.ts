import { error } from '@sveltejs/kit';

/** The layout that an address names. Throws a 404 error if there is none. */
export function layoutNumber(name: string): 1 | 2 | 3 {
  const number = ([1, 2, 3] as const).find((one) => String(one) === name);
  return number ?? error(404, 'Not Found');
}
