/** Without I, L, O and U: read aloud or typed from paper, no character looks like another. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 12;

const LOOKALIKES: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0' };

/** A code as somebody types it: in groups, in small letters, with letters for the digits that they look like. */
export function readCode(text: string): string {
  return text
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replace(/[ILO]/g, (letter) => LOOKALIKES[letter] ?? letter);
}

/** A booking's code, shown in groups of four; `random` gives numbers in [0, 1). */
export function newCode(random: () => number): string {
  let code = '';
  for (let i = 0; i < LENGTH; i += 1) code += ALPHABET[Math.floor(random() * ALPHABET.length)];
  return code;
}
