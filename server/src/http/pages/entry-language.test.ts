import { describe, expect, test } from 'vitest';
import { entryAddress } from './entry-language.ts';

const EVENT = `/events/${'a1'.repeat(12)}`;
const GERMAN = { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' };

describe('a reader who enters the site', () => {
  test('gets the page in the first language of the browser that the site has', () => {
    expect(entryAddress('/', GERMAN)).toBe('/de');
    expect(entryAddress('/?query=jazz&page=2', GERMAN)).toBe('/de?query=jazz&page=2');
    expect(entryAddress(`${EVENT}?utm_source=x`, { ...GERMAN, 'sec-fetch-site': 'cross-site' })).toBe(
      `/de${EVENT}?utm_source=x`,
    );
    for (const path of ['/login', '/bookings', '/account', '/admin', '/admin/events/new', '/organisers/Kulturhaus'])
      expect(entryAddress(path, GERMAN)).toBe(`/de${path}`);
    expect(entryAddress('/', { ...GERMAN, 'accept-language': 'en-GB,de;q=0.9' })).toBeNull();
    expect(entryAddress('/', { ...GERMAN, 'accept-language': 'fr' })).toBeNull();
  });

  test('gets the language that was chosen here before, whatever the browser prefers', () => {
    expect(entryAddress('/', { ...GERMAN, cookie: 'session=x; locale=en' })).toBeNull();
    expect(entryAddress('/', { ...GERMAN, 'accept-language': 'en', cookie: 'locale=de' })).toBe('/de');
    expect(entryAddress('/', { ...GERMAN, cookie: 'locale=xx' })).toBe('/de');
  });

  test('stays in English after following a link of the site to it', () => {
    expect(entryAddress('/', { ...GERMAN, 'sec-fetch-site': 'same-origin' })).toBeNull();
    const old = { host: 'tickets.example.org', accept: 'text/html,*/*', 'accept-language': 'de' };
    expect(entryAddress('/', old)).toBe('/de');
    expect(entryAddress('/', { ...old, referer: 'https://tickets.example.org/de' })).toBeNull();
    expect(entryAddress('/', { ...old, referer: 'https://elsewhere.example/' })).toBe('/de');
  });

  test.each([
    ['a page that is in German already', '/de'],
    ['a page to which a payment leads back', '/paid?token=x'],
    ['a page to which a mail leads', `/tickets/${'a1'.repeat(12)}`],
    ['a link of a mail', '/verify?token=x'],
    ['a file', '/_app/immutable/entry/start.js'],
    ['another host', '//evil.test/'],
  ])('is not led away from %s: %s', (_what, target) => {
    expect(entryAddress(target, GERMAN)).toBeNull();
  });

  test('is a person who opens a page: requests of programs and scripts are never redirected', () => {
    expect(entryAddress('/', { 'accept-language': 'de', accept: '*/*' })).toBeNull();
    expect(entryAddress('/', { 'accept-language': 'de', accept: 'text/html', 'sec-fetch-mode': 'cors' })).toBeNull();
  });
});
