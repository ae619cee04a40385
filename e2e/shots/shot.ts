import type { Page } from '@playwright/test';

/** A page to look at. */
export interface Shot {
  name: string;
  path: string;
  /** Who looks. */
  by: 'guest' | 'buyer' | 'payer' | 'waiting' | 'offered' | 'organiser';
  /** Text that is there once the page is whole. */
  ready: string | RegExp;
  /** Something to do first; then the window is taken, not the whole page. */
  act?: (page: Page) => Promise<void>;
}
