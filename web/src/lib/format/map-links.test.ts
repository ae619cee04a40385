import { expect, test } from 'vitest';
import { mapLinks } from './map-links.ts';

test('links to maps hold the place as one value, whatever signs it has', () => {
  const place = 'Hof & Söhne, "A" #3?q=x';
  for (const { href } of mapLinks(place)) {
    const query = new URL(href).searchParams;
    expect([...query.values()]).toContain(place);
  }
  expect(mapLinks(place).map(({ href }) => new URL(href).protocol)).toEqual(['https:', 'https:', 'https:', 'geo:']);
});
