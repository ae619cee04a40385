import { expect, test } from 'vitest';
import { POSTER_HUES, posterHue } from './poster-hue.ts';

test('an event has the same poster hue on every screen', () => {
  expect(posterHue('6b04061e64b0c1ead3533ca6')).toBe(3);
});

test('consecutive event ids spread over all poster hues', () => {
  const counts = new Map<number, number>();
  const base = 0x6b0406;
  for (let index = 0; index < 1200; index += 1) {
    const hue = posterHue(`${(base + index).toString(16)}64b0c1ead3533ca6`);
    counts.set(hue, (counts.get(hue) ?? 0) + 1);
  }
  expect(counts.size).toBe(POSTER_HUES);
  expect(Math.min(...counts.values())).toBeGreaterThan(50);
  expect(Math.max(...counts.keys())).toBeLessThan(POSTER_HUES);
});
