import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { POSTER_HUES } from '#shared/poster/poster-hue.ts';
import { posterColours } from './poster-colours.ts';

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
  for (let hue = 0; hue < POSTER_HUES; hue += 1) {
    const { poster, tint } = posterColours(hue);
    expect(contrast('#ffffff', poster)).toBeGreaterThan(8.5);
    expect(contrast(tint, poster)).toBeGreaterThan(5.8);
  }
});

test('the posters have the hues and chromas of the pages', () => {
  const css = readFileSync(new URL('../../../web/src/lib/styles/tokens.css', import.meta.url), 'utf8');
  const declared = [...css.matchAll(/--poster: light-dark\(oklch\(0\.4 ([\d.]+) (\d+)\)/g)];
  expect(declared).toHaveLength(POSTER_HUES);
  const source = readFileSync(new URL('poster-colours.ts', import.meta.url), 'utf8');
  const listed = [...source.matchAll(/^ {2}\[(\d+), ([\d.]+)\],$/gm)];
  expect(listed.map(([, hue, chroma]) => [Number(hue), Number(chroma)])).toEqual(
    declared.map(([, chroma, hue]) => [Number(hue), Number(chroma)]),
  );
});
