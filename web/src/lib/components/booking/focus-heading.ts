/** Moves the focus to a heading when it appears, where the reader's own press brought it. */
export function focusHeading(heading: HTMLElement): void {
  heading.focus({ preventScroll: true });
}
