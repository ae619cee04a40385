/** How many poster hues tokens.css has. */
export const POSTER_HUES = 12;

/** The poster hue of an event, 0 to 11: FNV-1a over its id, so it is the same on every screen and spreads evenly. */
export function posterHue(eventId: string): number {
  let hash = 0x811c9dc5;
  for (const character of eventId) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) % POSTER_HUES;
}
