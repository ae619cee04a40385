import { createContext } from 'svelte';

/** Whether the dialog to sign in stands open over the page, which keeps all that its reader was doing. */
export class SignInPrompt {
  isOpen = $state(false);

  open(): void {
    this.isOpen = true;
  }
}

/** The page's one dialog to sign in. */
export const [getSignInPrompt, setSignInPrompt] = createContext<SignInPrompt>();
