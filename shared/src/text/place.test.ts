import { expect, it } from 'vitest';
import { placeOf } from './place.ts';

const venue = 'Pier 7';

it('names the place of an event by venue, address and city, each once', () => {
  expect(placeOf({ venue })).toBe('Pier 7');
  expect(placeOf({ venue, address: null, city: null })).toBe('Pier 7');
  expect(placeOf({ venue, address: null, city: 'Hamburg' })).toBe('Pier 7, Hamburg');
  expect(placeOf({ venue: 'Pier 7, HAMBURG', address: null, city: 'Hamburg' })).toBe('Pier 7, HAMBURG');
  expect(placeOf({ venue, address: 'Kai 3, 20457 Hamburg', city: 'Hamburg' })).toBe('Pier 7, Kai 3, 20457 Hamburg');
  expect(placeOf({ venue, address: 'Kai 3', city: 'Hamburg' })).toBe('Pier 7, Kai 3, Hamburg');
});
