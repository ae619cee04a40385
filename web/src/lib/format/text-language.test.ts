import { afterEach, expect, test } from 'vitest';
import { overwriteGetLocale } from '#lib/paraglide/runtime.js';
import { textLanguage } from './text-language.ts';

afterEach(() => overwriteGetLocale(() => 'en'));

test('a German title is German on an English page, and the other way round', () => {
  overwriteGetLocale(() => 'en');
  for (const title of ['Jazz im Hinterhof', 'Der Nussknacker', 'Frühlingsfest', 'Große Oper'])
    expect(textLanguage(title), title).toBe('de');
  for (const title of ['The Long Night of the Machines', 'Jazz', 'Tosca']) expect(textLanguage(title)).toBeUndefined();
  overwriteGetLocale(() => 'de');
  expect(textLanguage('The Long Night of the Machines')).toBe('en');
  expect(textLanguage('Jazz im Hinterhof')).toBeUndefined();
});

test('a title in another script has no known language, one without letters has the page’s', () => {
  overwriteGetLocale(() => 'en');
  for (const title of ['ערב ג׳אז', '東京ジャズ', 'Концерт']) expect(textLanguage(title), title).toBe('');
  for (const title of ['1984', '']) expect(textLanguage(title)).toBeUndefined();
});
