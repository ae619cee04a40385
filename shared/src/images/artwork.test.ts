import { expect, test } from 'vitest';
import { artworkOf } from './artwork.ts';

const ids = Array.from({ length: 500 }, (_, index) => `${(0x6b0406 + index).toString(16)}64b0c1ead3533ca6`);
const seatsOf = (path: string) => path.match(/M/g)?.length ?? 0;

test('an event has the same artwork on every screen, and other events have others', () => {
  expect(artworkOf('6b04061e64b0c1ead3533ca6')).toEqual(artworkOf('6b04061e64b0c1ead3533ca6'));
  expect(new Set(ids.map((id) => JSON.stringify(artworkOf(id)))).size).toBe(ids.length);
  expect(new Set(ids.map((id) => artworkOf(id).transform)).size).toBe(21);
});

test('an artwork has all of its seats, a fair part of them lit, and few bytes', () => {
  for (const id of ids) {
    const { lit, dim } = artworkOf(id);
    expect(seatsOf(lit) + seatsOf(dim)).toBe(6 * 13);
    expect(seatsOf(lit)).toBeGreaterThan(15);
    expect(seatsOf(dim)).toBeGreaterThan(15);
    expect(`${lit}${dim}`).toMatch(/^(?:M-?\d+ -?\d+v-7q0-3 3-3h3q3 0 3 3v7z)+$/);
  }
});
