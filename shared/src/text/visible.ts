/**
 * Signs that show nothing: spaces and controls, and what Unicode ignores by default, such as the Hangul filler U+3164,
 * which is a letter. Two more are blank by their drawing: Braille without dots, and the empty note head. A mark alone is
 * on nothing.
 */
const UNSEEN = /[\s\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]/gu;

/** Whether a text that people have to write shows at least one sign. */
export function isVisible(text: string): boolean {
  return text.replace(UNSEEN, '') !== '';
}
