/**
 * Moves the focus to a heading that the reader's own press has made appear, and scrolls it into view: on a phone the
 * button sticks to the foot of the window, so the heading may be out of sight.
 */
export function focusHeading(heading: HTMLElement): void {
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: 'nearest' });
}
