import { afterEach, expect, test } from 'vitest';
import { overwriteGetLocale } from '#lib/paraglide/runtime.js';
import { alternates, link, plainPath, signInLink } from './links.ts';

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

test('signing in leads back to the page on which it began, with the query parameters that the page reads', () => {
  const from = (path: string) => signInLink('/login', new URL(path, 'http://localhost'));
  expect(from('/events/1?utm_source=x')).toBe('/login?next=%2Fevents%2F1');
  expect(from('/?query=jazz&page=2&x=1')).toBe('/login?next=%2F%3Fquery%3Djazz%26page%3D2');
  expect(from('/de/paid?token=a%2Bb')).toBe('/login?next=%2Fde%2Fpaid%3Ftoken%3Da%252Bb');
  overwriteGetLocale(() => 'de');
  expect(signInLink('/forgot', new URL('/de/bookings', 'http://localhost'))).toBe('/de/forgot?next=%2Fde%2Fbookings');
});

test('links between the sign-in pages keep the next parameter if it is on this site', () => {
  const from = (path: string) => signInLink('/register', new URL(path, 'http://localhost'));
  expect(from('/login?next=%2Fbookings')).toBe('/register?next=%2Fbookings');
  expect(from('/forgot?next=%2Fde%2Fevents%2F1%3Fa%3Db')).toBe('/register?next=%2Fde%2Fevents%2F1%3Fa%3Db');
  for (const path of ['/login', '/login?next=%2F%09%2Fevil.example', '/de/login?next=https%3A%2F%2Fevil.example'])
    expect(from(path)).toBe('/register');
});

test('signing in does not lead back to a mailed link, whose token works once', () => {
  for (const path of ['/reset?token=a', '/de/verify?token=a'])
    expect(signInLink('/login', new URL(path, 'http://localhost'))).toBe('/login');
});
