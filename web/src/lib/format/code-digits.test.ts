import { expect, test } from 'vitest';
import { codeDigits } from './code-digits.ts';

test.each([
  ['123456', '123456'],
  ['123 456', '123456'],
  ['123-456', '123456'],
  [' 1 2 3 4 5 6 ', '123456'],
  ['Your code: 123456', '123456'],
  ['Ihr Code: 123\u00a0456, 10 Minuten', '123456'],
  ['１２３４５６', '123456'],
  ['12', '12'],
  ['12a', '12'],
  ['1234567', '123456'],
  ['', ''],
])('of %j the code is %j', (typed, digits) => {
  expect(codeDigits(typed)).toBe(digits);
});
