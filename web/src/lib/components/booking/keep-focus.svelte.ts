import { tick, untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

/**
 * Moves the focus to the outcome: if a change of the watched values removes the focused element, the first heading or
 * sentence with `tabindex="-1"` in the attached element gets the focus. A focus outside the element never moves.
 */
export function keepFocus(watched: () => readonly unknown[]): Attachment<HTMLElement> {
  return (element) => {
    let isFirst = true;
    // Before the DOM changes: afterwards the focused element is gone, and its position is unknown.
    $effect.pre(() => {
      watched();
      if (isFirst) {
        isFirst = false;
        return;
      }
      const had = untrack(() => element.contains(document.activeElement) || document.activeElement === document.body);
      if (had) void tick().then(() => focusOutcome(element));
    });
  };
}

function focusOutcome(element: HTMLElement): void {
  if (document.activeElement !== document.body) return;
  element.querySelector<HTMLElement>('[tabindex="-1"]')?.focus({ preventScroll: true });
}
