/**
 * Moves the focus to a heading when it appears, where the reader's own press brought it; and brings it into view, since
 * on a phone the button is at the foot of the window wherever the page is.
 */
export function focusHeading(heading: HTMLElement): void {
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: 'nearest' });
}
