import { expect, test } from 'vitest';
import { isolated } from './isolated.ts';

test('a text that runs from left to right goes into a sentence as it is', () => {
  for (const text of ['', 'Jazz im Hinterhof', 'Łódź (2)', '東京', 'Ωδείο', 'Концерт', '👨‍👩‍👧 42!'])
    expect(isolated(text)).toBe(text);
});

test('a text that runs from right to left is isolated from the sentence around it', () => {
  for (const text of ['ערב ג׳אז (2)', 'حفلة موسيقية!', 'Jazz בתל אביב', '𐤀𐤁', 'ﺷﻜﺮﺍ'])
    expect(isolated(text)).toBe(`\u2068${text}\u2069`);
});

test('marks of direction in a text cannot reach out of it', () => {
  expect(isolated('Jazz \u202Egpj.exe')).toBe('\u2068Jazz gpj.exe\u2069');
  expect(isolated('\u2069\u202Etxet')).toBe('\u2068txet\u2069');
});
