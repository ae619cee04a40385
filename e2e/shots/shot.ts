import type { Page } from '@playwright/test';

/** One page to capture. */
export interface Shot {
  name: string;
  path: string;
  /** The person whose browser opens the page. */
  by: 'signedOut' | 'buyer' | 'payer' | 'waiting' | 'offered' | 'organiser';
  /** Text that shows once the page is complete. */
  ready: string | RegExp;
  /** Set for a page of the payment provider: it has no connection to wait for. */
  of?: 'provider';
  /** Action before the capture; the picture then shows the window instead of the whole page. */
  act?: (page: Page) => Promise<void>;
  /** Set if `act` presses nothing by its English words alone, so that the page is captured in German as well. */
  actsInGerman?: true;
}
