/** Scrolls the answer to a press into view. A page without user activation since its load never scrolls by itself. */
export function intoView(answer: HTMLElement): void {
  if (navigator.userActivation?.hasBeenActive ?? true) answer.scrollIntoView({ block: 'nearest' });
}
