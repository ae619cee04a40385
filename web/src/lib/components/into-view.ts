/** Brings the answer to a press into view. A page that nobody has touched since it was loaded never scrolls by itself. */
export function intoView(answer: HTMLElement): void {
  if (navigator.userActivation?.hasBeenActive ?? true) answer.scrollIntoView({ block: 'nearest' });
}
