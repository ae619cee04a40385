import { createContext } from 'svelte';

/** State of the sign-in dialog. The page below the dialog keeps its state, such as a chosen party size. */
export class SignInPrompt {
  isOpen = $state(false);

  open(): void {
    this.isOpen = true;
  }
}

/** Context of the one sign-in dialog of a page. */
export const [getSignInPrompt, setSignInPrompt] = createContext<SignInPrompt>();
