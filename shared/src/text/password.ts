import { text } from '../protocol/primitives.ts';

const MIN_LENGTH = 8;
const MAX_LENGTH = 128;
/** Four code points become one at most (Greek letters), so a password that fits composed also fits decomposed. */
const MAX_TYPED_LENGTH = 4 * MAX_LENGTH;

/**
 * The one form of a password, by NFKC: keyboards send "é" as one code point or as two, and "Ａ" for "A". Hashes are of
 * this form.
 */
export function normalizedPassword(password: string): string {
  return password.normalize('NFKC');
}

/** A new password: 8 to 128 characters of any kind, as typed at least and in its normal form. */
export const newPassword = text(MAX_TYPED_LENGTH)
  .min(MIN_LENGTH)
  .check(({ value, issues }) => {
    const length = [...normalizedPassword(value)].length;
    const issue = { origin: 'string', inclusive: true, input: value } as const;
    if (length < MIN_LENGTH) issues.push({ ...issue, code: 'too_small', minimum: MIN_LENGTH });
    if (length > MAX_LENGTH) issues.push({ ...issue, code: 'too_big', maximum: MAX_LENGTH });
  });

/** An existing password: hashes of earlier versions may be of shorter ones. */
export const existingPassword = text(MAX_TYPED_LENGTH).min(1);

/** Whether this can be a new password. */
export function isNewPassword(value: string): boolean {
  return newPassword.safeParse(value).success;
}
