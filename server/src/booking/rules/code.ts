/** Digits and letters without I, L, O and U: read aloud or typed from paper, no character looks like another. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 12;
const VOUCHER_LENGTH = 10;

const LOOKALIKES: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0' };

/**
 * The code that a person means who typed it in groups, in small letters, or with letters for the digits they look like.
 */
export function readCode(text: string): string {
  return text
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replace(/[ILO]/g, (letter) => LOOKALIKES[letter] ?? letter);
}

/** A new booking's code, 12 characters without separators; `random` gives numbers in [0, 1). */
export function newCode(random: () => number): string {
  return codeOf(LENGTH, random);
}

/** A new voucher's code: ten characters, which are 50 bits. */
export function newVoucherCode(random: () => number): string {
  return codeOf(VOUCHER_LENGTH, random);
}

/**
 * What all ways to type a voucher's code have in common. Organisers choose codes from all letters, so codes are compared
 * by this, and shown as they were chosen.
 */
export const voucherKey = readCode;

function codeOf(length: number, random: () => number): string {
  let code = '';
  for (let i = 0; i < length; i += 1) code += ALPHABET[Math.floor(random() * ALPHABET.length)];
  return code;
}
