/** Without I, L, O and U: read aloud or typed from paper, no character looks like another. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 12;

/** A booking's code, shown in groups of four; `random` gives numbers in [0, 1). */
export function newCode(random: () => number): string {
  let code = '';
  for (let i = 0; i < LENGTH; i += 1) code += ALPHABET[Math.floor(random() * ALPHABET.length)];
  return code;
}
