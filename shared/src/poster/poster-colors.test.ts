import { expect, test } from 'vitest';
import { POSTER_COLORS } from './poster-colors.ts';
import { POSTER_HUES } from './poster-hue.ts';

/** Relative luminance as WCAG 2 defines it. */
function luminance(hex: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const contrast = (one: string, other: string) => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

test('white titles and tinted dates are readable on every poster', () => {
  expect(POSTER_COLORS).toHaveLength(POSTER_HUES);
  for (const [poster, tint] of POSTER_COLORS) {
    expect(contrast('#ffffff', poster)).toBeGreaterThan(8.5);
    expect(contrast(tint, poster)).toBeGreaterThan(5.8);
  }
});
