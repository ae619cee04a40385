import type { Page } from '@playwright/test';

/** A page to look at. */
export interface Shot {
  name: string;
  path: string;
  /** Who looks. */
  by: 'signedOut' | 'buyer' | 'payer' | 'waiting' | 'offered' | 'organiser';
  /** Text that is there once the page is whole. */
  ready: string | RegExp;
  /** Whose page it is: another's has none of what ours have, such as a connection. */
  of?: 'provider';
  /** Something to do first; then the window is taken, not the whole page. */
  act?: (page: Page) => Promise<void>;
}
