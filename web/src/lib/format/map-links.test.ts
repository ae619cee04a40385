import { expect, test } from 'vitest';
import { keepMap, keptMap, mapLinks } from './map-links.ts';

test('links to maps hold the place as one value, whatever signs it has', () => {
  const place = 'Hof & Söhne, "A" #3?q=x';
  for (const { href } of mapLinks(place)) {
    const query = new URL(href).searchParams;
    expect([...query.values()]).toContain(place);
  }
  expect(mapLinks(place).map(({ href }) => new URL(href).protocol)).toEqual(['https:', 'https:', 'https:', 'geo:']);
});

test('the map that the reader followed last comes first, and the others keep their order', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
  };
  const names = () => mapLinks('Hof 3', keptMap(storage)).map(({ name }) => name);
  expect(names()).toEqual(['OpenStreetMap', 'Google Maps', 'Apple Maps', null]);
  keepMap(storage, { name: 'Apple Maps' });
  expect(names()).toEqual(['Apple Maps', 'OpenStreetMap', 'Google Maps', null]);
  keepMap(storage, { name: null });
  expect(names()).toEqual([null, 'OpenStreetMap', 'Google Maps', 'Apple Maps']);
});
