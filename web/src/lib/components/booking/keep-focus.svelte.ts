import { tick, untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

/**
 * Keeps the reader at the outcome: where a change that this watches takes away what had the focus, it goes to the first
 * heading or sentence in the element that says what happened (`tabindex="-1"`). Nobody's focus elsewhere is moved.
 */
export function keepFocus(watched: () => readonly unknown[]): Attachment<HTMLElement> {
  return (element) => {
    let isFirst = true;
    // Before the page is drawn anew: afterwards what had the focus is gone, and nothing tells that it was in here.
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
