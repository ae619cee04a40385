import { describe, expect, test } from 'vitest';
import type { ReadValue } from './values.ts';
import { listOf, numberRange, oneOf, textLike, webOrigin, weights, wholeNumber } from './values.ts';

const mix = weights(['book', 'look'], 'book=80,look=20');

describe('the value of an option', () => {
  test.each<[string, ReadValue<unknown>, string, unknown]>([
    ['a whole number', wholeNumber(0, 50), '50', 50],
    ['a range', numberRange(1, 9), '2-3', { min: 2, max: 3 }],
    ['a range of one number', numberRange(1, 9), '4', { min: 4, max: 4 }],
    ['one of several names', oneOf(['wire', 'tcp']), 'tcp', 'tcp'],
    ['a list', listOf(wholeNumber(1, 8)), '1,2,4', [1, 2, 4]],
    ['weights', mix, ' look=2', { book: 0, look: 2 }],
    ['an address', webOrigin, 'HTTPS://Tickets.example.org/path?query', 'https://tickets.example.org'],
    ['text of a fixed form', textLike(/^[a-z]+$/, 'letters'), 'abc', 'abc'],
  ])('can be %s', (_, read, text, expected) => {
    expect(read(text, '--x')).toEqual(expected);
  });

  test.each<[ReadValue<unknown>, string, string]>([
    [wholeNumber(1, 5), '6', 'a whole number from 1 to 5'],
    [wholeNumber(1, 5), '1e0', 'a whole number from 1 to 5'],
    [wholeNumber(1, 5), '-1', 'a whole number from 1 to 5'],
    [wholeNumber(1, 5), '', 'a whole number from 1 to 5'],
    [numberRange(1, 9), '3-1', 'like 1-3, within 1-9'],
    [numberRange(1, 9), '0-2', 'like 1-3, within 1-9'],
    [numberRange(1, 9), '5-', 'like 1-3, within 1-9'],
    [oneOf(['wire', 'tcp']), 'Wire', 'one of wire, tcp'],
    [mix, 'sleep=1', 'like book=80,look=20'],
    [mix, 'book', 'like book=80,look=20'],
    [webOrigin, 'ftp://a', 'an address such as http://127.0.0.1:5000'],
    [webOrigin, 'a:80', 'an address such as http://127.0.0.1:5000'],
    [textLike(/^[a-z]+$/, 'letters'), '1', 'letters'],
  ])('that cannot be used is answered with what it must be: %o %j', (read, text, expected) => {
    expect(() => read(text, '--x')).toThrow(`--x must be ${expected} (it is "${text}").`);
  });

  test('names the part of a list that cannot be used', () => {
    expect(() => listOf(wholeNumber(1, 8))('1,9', '--x')).toThrow('(it is "9")');
  });

  test('needs a weight above 0', () => {
    expect(() => mix('book=0', '--mix')).toThrow('--mix needs at least one weight above 0.');
  });
});
