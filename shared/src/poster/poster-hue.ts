/** The number of poster hues in tokens.css. */
export const POSTER_HUES = 12;

/** The poster hue of an event, 0 to 11: FNV-1a over its id, the same on every screen and evenly spread. */
export function posterHue(eventId: string): number {
  let hash = 0x811c9dc5;
  for (const character of eventId) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) % POSTER_HUES;
}
