import { createContext } from 'svelte';

/** State of the sign-in dialog. The page below the dialog keeps its state, such as a chosen party size. */
export class SignInPrompt {
  isOpen = $state(false);
  #isNeeded = $state(false);

  /** Whether the dialog has been opened: from then on its component stays mounted, so that it opens at once again. */
  get isNeeded(): boolean {
    return this.#isNeeded;
  }

  open(): void {
    this.#isNeeded = true;
    this.isOpen = true;
  }
}

/** Context of the one sign-in dialog of a page. */
export const [getSignInPrompt, setSignInPrompt] = createContext<SignInPrompt>();
