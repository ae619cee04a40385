import { describe, expect, test } from 'vitest';
import { publicPage } from './public-page.ts';

const EVENT = `/events/${'a1'.repeat(12)}`;

describe('the address of a public page', () => {
  test('has the language, and only the parameters that the page reads, in a fixed order', () => {
    expect(publicPage('/de?utm_source=x&page=2&query=jazz')).toBe('/de?query=jazz&page=2');
    expect(publicPage('/?query=where%3F&when=past')).toBe('/?query=where%3F&when=past');
    expect(publicPage('/?query=a?b')).toBe('/?query=a%3Fb');
    expect(publicPage('/?page=&x')).toBe('/');
    expect(publicPage('/')).not.toBe(publicPage('/de'));
  });

  test('of an event has no query at all', () => {
    expect(publicPage(`${EVENT}?seats=2`)).toBe(EVENT);
    expect(publicPage(`/de${EVENT}`)).toBe(`/de${EVENT}`);
  });

  test('of an organiser has the name as it was asked for, the period and the page', () => {
    expect(publicPage('/de/organisers/Kulturhaus%20K%C3%B6ln?query=x&page=2&when=past')).toBe(
      '/de/organisers/Kulturhaus%20K%C3%B6ln?when=past&page=2',
    );
    expect(publicPage('/organisers/AC%2FDC')).toBe('/organisers/AC%2FDC');
  });

  test.each([
    ['a personal page', '/bookings'],
    ['an organiser’s page', `/admin${EVENT}`],
    ['a page below an event', `${EVENT}/x`],
    ['data of a page', `${EVENT}/__data.json`],
    ['another language', '/fr'],
    ['an address that SvelteKit redirects', '/de/'],
    ['another host', `//evil.test${EVENT}`],
    ['a file', '/_app/immutable/entry/start.js'],
    ['no event', '/events/1'],
    ['no organiser', '/organisers/'],
    ['a page below an organiser', '/organisers/a/b'],
    ['a name that would fill the cache', `/organisers/${'x'.repeat(400)}`],
    ['a query that would fill the cache', `/?query=${'x'.repeat(1000)}`],
  ])('is null for %s: %s', (_what, target) => {
    expect(publicPage(target)).toBeNull();
  });
});
