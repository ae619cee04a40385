import { createContext } from 'svelte';

interface ToastWords {
  text: string;
  /** The button in the toast. */
  action?: { words: string; onpress: () => void };
}

/**
 * Short messages that disappear by themselves: only for actions that can be undone, and for copies. The outcome of a
 * command is never shown in a toast alone. The toast library loads with the first toast.
 */
export class Toasts {
  #pending: ToastWords[] = $state.raw([]);
  #isNeeded = $state(false);

  /** True from the first toast on. */
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

  /** Removes and returns the toasts that are not shown yet. */
  takePending(): ToastWords[] {
    const taken = this.#pending;
    this.#pending = [];
    return taken;
  }
}

/** Context of the toasts of a page. */
export const [getToasts, setToasts] = createContext<Toasts>();
