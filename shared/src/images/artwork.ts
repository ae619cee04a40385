/** What an artwork is drawn on; it may be cut on any side. */
export const ARTWORK_WIDTH = 120;
export const ARTWORK_HEIGHT = 48;

/** A seat mark: the back of a chair, 9 wide and 10 high, from its lower left corner. */
const SEAT = 'v-7q0-3 3-3h3q3 0 3 3v7z';
const PITCH = 12;
const ROW_PITCH = 15;
const ROWS = 6;
const SEATS = 13;

/** Rows of seats as paths of SVG: those that are lit, and those between them. */
interface Artwork {
  /** Attribute `transform` of both. */
  transform: string;
  lit: string;
  dim: string;
}

/**
 * The artwork of an event without a picture, drawn from its id: tilted rows of seats, some of them lit. The same on every
 * screen.
 */
export function artworkOf(eventId: string): Artwork {
  const next = numbersFrom(eventId);
  const transform = `rotate(${next(7) * 7 - 21} 60 24) scale(${1 + next(3) / 4})`;
  const paths: [dim: string, lit: string] = ['', ''];
  for (let row = 0; row < ROWS; row += 1) {
    let kind: 0 | 1 = next(2) ? 1 : 0;
    let left = next(4);
    for (let seat = 0; seat < SEATS; seat += 1, left -= 1) {
      if (left < 0) {
        kind = kind ? 0 : 1;
        left = next(4);
      }
      const x = (seat - 2) * PITCH + (row % 2) * (PITCH / 2);
      paths[kind] += `M${x} ${(row - 1) * ROW_PITCH + 10}${SEAT}`;
    }
  }
  return { transform, dim: paths[0], lit: paths[1] };
}

/** Numbers below a bound, one after another, from a text: FNV-1a, then xorshift. */
function numbersFrom(text: string): (bound: number) => number {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  state ||= 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
