import { expect, test } from 'vitest';
import { parseTaxRate } from './tax-rate.ts';

test.each([
  ['19', 19],
  [' 7 % ', 7],
  ['8,1', 8.1],
  ['5.50', 5.5],
  ['0', 0],
  ['100', 100],
  ['100,01', null],
  ['7,125', null],
  ['-7', null],
  ['1.000', null],
  ['seven', null],
  ['', null],
])('the tax rate %j is %j', (text, rate) => {
  expect(parseTaxRate(text)).toBe(rate);
});
