/** Storage of texts by key, such as `localStorage` and `sessionStorage`. */
export type TextStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/**
 * A browser's storage, which may be missing, forbidden or full: then it holds nothing, and nobody learns of it but by
 * what is forgotten after a reload. `storage` gets the storage anew for each use, because getting it may throw too.
 */
export function tolerantStorage(storage: () => TextStorage): TextStorage {
  return {
    getItem: (key) => ifAllowed(() => storage().getItem(key)) ?? null,
    setItem: (key, text) => void ifAllowed(() => storage().setItem(key, text)),
    removeItem: (key) => void ifAllowed(() => storage().removeItem(key)),
  };
}

/** The result of a use of the browser's storage, cookies included; undefined where the browser refuses it. */
export function ifAllowed<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}

/** Where the tickets that links have opened are kept (linked/kept-links.ts). */
export const LINKED_TICKETS_KEY = 'frontrow.linked-tickets';
