import { createContext } from 'svelte';

export interface ToastWords {
  text: string;
  /** What can be pressed in it, as long as it shows. */
  action?: { words: string; onpress: () => void };
}

/**
 * Short words that pass by themselves: only for what can be undone, and for copies. What became of something is never
 * said here alone. The library behind it is loaded with the first toast.
 */
export class Toasts {
  #pending: ToastWords[] = $state.raw([]);
  #isNeeded = $state(false);

  /** Whether anything was said yet. */
  get isNeeded(): boolean {
    return this.#isNeeded;
  }

  get pending(): ToastWords[] {
    return this.#pending;
  }

  say(words: ToastWords): void {
    this.#isNeeded = true;
    this.#pending = [...this.#pending, words];
  }

  /** Takes out all that waits to be shown. */
  take(): ToastWords[] {
    const taken = this.#pending;
    this.#pending = [];
    return taken;
  }
}

/** The page's toasts. */
export const [getToasts, setToasts] = createContext<Toasts>();
