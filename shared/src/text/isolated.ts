/** Letters that are written from right to left, and invisible marks of direction. */
const TURNS =
  /[\u0590-\u08ff\u200f\u061c\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * A text of people for use inside a sentence: between invisible marks (Unicode's first strong isolate) if parts of it
 * run from right to left, so that the words, numbers and brackets around it keep their places. Text that only runs from
 * left to right is returned as it is. Markup needs no marks: `<bdi>` and `dir="auto"` do the same.
 */
export function isolated(text: string): string {
  return TURNS.test(text) ? `\u2068${text.replace(CONTROLS, '')}\u2069` : text;
}
