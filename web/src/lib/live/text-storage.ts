/** Texts by key, as `localStorage` and `sessionStorage` keep them. */
export type TextStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
