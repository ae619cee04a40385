import { POSTER_HUES, posterHue } from '#shared/poster/poster-hue.ts';

/** The cards beside and above a card, in up to three columns. */
const NEIGHBOURS = 3;
/** To a hue of another family; a step by which each hue is reached. */
const STEP = 5;

/**
 * The poster hues of a list's events, in order: each its own, unless a neighbour before it has that hue. Events that are
 * added at the end change none.
 */
export function listHues(eventIds: readonly string[]): number[] {
  const hues: number[] = [];
  for (const eventId of eventIds) {
    let hue = posterHue(eventId);
    while (hues.slice(-NEIGHBOURS).includes(hue)) hue = (hue + STEP) % POSTER_HUES;
    hues.push(hue);
  }
  return hues;
}
