import { createContext } from 'svelte';
import { goto } from '$app/navigation';
import { page } from '$app/state';

/**
 * Gives each open dialog an entry in the browser's history, so that Back closes the dialog instead of leaving the page
 * below it. `page.state.dialog` is the key of the dialog whose entry is the present one.
 */
export class DialogHistory {
  #opened = 0;
  /** The browser goes back some time after it is told to: what comes next waits for it. */
  #settled: Promise<void> = Promise.resolve();

  /** Adds an entry for a dialog that opens, and returns the key of the dialog. */
  enter(): string {
    this.#opened += 1;
    // With the time, because a reload counts from the beginning, and entries of before may still be there.
    const key = `${Date.now()}-${this.#opened}`;
    this.#later(() => goto('', { shallow: true, state: { ...page.state, dialog: key } }));
    return key;
  }

  /** Removes the entry of a dialog that closes, unless Back has removed it. */
  leave(key: string): void {
    this.#later(() => (page.state.dialog === key ? goBack() : Promise.resolve()));
  }

  /**
   * Removes the entry of a dialog, and then opens the page that a link in the dialog leads to. SvelteKit's own replacing
   * of the entry would leave two pages with one index, between which Back does not change the page.
   */
  follow(key: string, href: string): void {
    this.leave(key);
    this.#later(() => goto(href));
  }

  /** Resolves once the browser has gone where closed dialogs sent it. */
  settled(): Promise<void> {
    return this.#settled;
  }

  #later(change: () => Promise<void>): void {
    // A page may forbid to be left; then its dialog has no entry.
    this.#settled = this.#settled.then(change).catch(() => undefined);
  }
}

function goBack(): Promise<void> {
  return new Promise((resolve) => {
    addEventListener('popstate', () => resolve(), { once: true });
    history.back();
  });
}

/** Context of the one history of a page's dialogs. */
export const [getDialogHistory, setDialogHistory] = createContext<DialogHistory>();
