import { expect, it } from 'vitest';
import { existingPassword, newPassword } from './password.ts';

const COMPOSED = 'é';
const DECOMPOSED = 'e\u0301';

it.each([
  ['12345678', true],
  ['1234567', false],
  ['x'.repeat(128), true],
  ['x'.repeat(129), false],
  [COMPOSED.repeat(128), true],
  [DECOMPOSED.repeat(128), true],
  [DECOMPOSED.repeat(129), false],
  // Eight code points, four characters.
  [DECOMPOSED.repeat(4), false],
  [DECOMPOSED.repeat(8), true],
  // Three code points, nine characters.
  ['ﬃﬃﬃ', false],
  // One code point, 18 characters.
  ['ﷺ'.repeat(8), false],
  ['a\0bcdefgh', false],
])('a new password %j is accepted: %s', (password, isAccepted) => {
  expect(newPassword.safeParse(password).success).toBe(isAccepted);
});

it('a password of a length that is refused says whether it is too short or too long', () => {
  const codes = (password: string) => newPassword.safeParse(password).error?.issues.map(({ code }) => code);
  expect(codes(DECOMPOSED.repeat(4))).toEqual(['too_small']);
  expect(codes('ﷺ'.repeat(8))).toEqual(['too_big']);
});

it('an existing password may be shorter, and typed in any form of 128 characters', () => {
  for (const password of ['x', COMPOSED.repeat(128), DECOMPOSED.repeat(128)])
    expect(existingPassword.safeParse(password).success).toBe(true);
  for (const password of ['', 'x'.repeat(513)]) expect(existingPassword.safeParse(password).success).toBe(false);
});
