import { afterEach, expect, test } from 'vitest';
import { overwriteGetLocale } from '#lib/paraglide/runtime.js';
import { alternates, link, plainPath, safeNext } from './links.ts';

afterEach(() => overwriteGetLocale(() => 'en'));

test('an English link has no prefix, a German one has /de', () => {
  expect(link('/events/1')).toBe('/events/1');
  overwriteGetLocale(() => 'de');
  expect(link('/events/1')).toBe('/de/events/1');
  expect(link('/')).toBe('/de');
});

test('a plain path has no language prefix', () => {
  for (const path of ['/events/1', '/de/events/1']) {
    expect(plainPath(new URL(path, 'http://localhost'))).toBe('/events/1');
  }
  expect(plainPath(new URL('http://localhost/de'))).toBe('/');
  expect(plainPath(new URL('http://localhost/demo'))).toBe('/demo');
});

test('the alternates of a page have the query parameters that it reads, and no others', () => {
  const page = new URL('http://localhost/de?query=jazz&utm_source=x');
  expect(alternates(page).map(({ locale, href }) => [locale, href])).toEqual([
    ['en', '/?query=jazz'],
    ['de', '/de?query=jazz'],
  ]);
});

test('the alternates of a page that needs a token or next keep it, those of other pages do not', () => {
  const hrefs = (path: string) => alternates(new URL(path, 'http://localhost')).map(({ href }) => href);
  expect(hrefs('/de/paid?token=a%2Bb&x=1')).toEqual(['/paid?token=a%2Bb', '/de/paid?token=a%2Bb']);
  expect(hrefs('/login?next=%2Fbookings')).toEqual(['/login?next=%2Fbookings', '/de/login?next=%2Fbookings']);
  expect(hrefs('/paid')).toEqual(['/paid', '/de/paid']);
  expect(hrefs('/?token=secret')).toEqual(['/', '/de']);
});

test('the path after signing in is on this site, or null', () => {
  expect(safeNext('/de/events/1')).toBe('/de/events/1');
  for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '', null]) {
    expect(safeNext(next), String(next)).toBeNull();
  }
});
