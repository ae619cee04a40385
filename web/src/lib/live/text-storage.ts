/** Storage of texts by key, such as `localStorage` and `sessionStorage`. */
export type TextStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
