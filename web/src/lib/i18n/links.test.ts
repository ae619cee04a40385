import { afterEach, expect, test } from 'vitest';
import { overwriteGetLocale } from '#lib/paraglide/runtime.js';
import { alternates, link, linkIn, plainPath, safeNext } from './links.ts';

afterEach(() => overwriteGetLocale(() => 'en'));

test('English has no prefix, German has one', () => {
  expect(linkIn('en', '/events/1')).toBe('/events/1');
  expect(linkIn('de', '/events/1')).toBe('/de/events/1');
  expect(linkIn('de', '/')).toBe('/de');
  overwriteGetLocale(() => 'de');
  expect(link('/bookings')).toBe('/de/bookings');
});

test('routes know no language', () => {
  for (const path of ['/events/1', '/de/events/1']) {
    expect(plainPath(new URL(path, 'http://localhost'))).toBe('/events/1');
  }
  expect(plainPath(new URL('http://localhost/de'))).toBe('/');
  expect(plainPath(new URL('http://localhost/demo'))).toBe('/demo');
});

test('each page names itself in every language, without made-up parameters', () => {
  const page = new URL('http://localhost/de?query=jazz&utm_source=x');
  expect(alternates(page).map(({ locale, href }) => [locale, href])).toEqual([
    ['en', '/?query=jazz'],
    ['de', '/de?query=jazz'],
  ]);
});

test('after signing in one goes to a page of this site, never elsewhere', () => {
  expect(safeNext('/de/events/1')).toBe('/de/events/1');
  for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '', null]) {
    expect(safeNext(next), String(next)).toBeNull();
  }
});
