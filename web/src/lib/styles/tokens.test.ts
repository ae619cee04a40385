import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { manifestOf } from '#lib/manifest.ts';
import { POSTER_COLORS } from '#shared/poster/poster-colors.ts';
import { POSTER_HUES } from '#shared/poster/poster-hue.ts';

type Oklch = [lightness: number, chroma: number, hue: number];
type Theme = 'light' | 'dark';
const THEMES: Theme[] = ['light', 'dark'];

const css = readFileSync(resolve(import.meta.dirname, 'tokens.css'), 'utf8');

/** The colour of a token in a theme, from the text of the style sheet. */
function colour(name: string, theme: Theme, within = css): Oklch {
  const declared = new RegExp(`--${name}: (light-dark\\(.*\\)|oklch\\([^)]*\\));`).exec(within)?.[1];
  const found = [...(declared ?? '').matchAll(/oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)];
  const chosen = found[theme === 'light' ? 0 : found.length - 1];
  if (chosen === undefined) throw new Error(`No colour --${name}`);
  return [Number(chosen[1]), Number(chosen[2]), Number(chosen[3])];
}

/** OKLCH to 8-bit sRGB, by Björn Ottosson's matrices (bottosson.github.io/posts/oklab). */
function toSrgb([lightness, chroma, hue]: Oklch): number[] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((value) => {
    const clipped = Math.min(1, Math.max(0, value));
    const encoded = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
    return Math.round(encoded * 255);
  });
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(rgb: number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Oklch, other: Oklch): number {
  const [darker = 0, lighter = 0] = [luminance(toSrgb(one)), luminance(toSrgb(other))].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

const PAPERS = ['bg', 'surface', 'sunk'];
const WASHES = ['free-wash', 'held-wash', 'bad-wash'];

test('the computed contrast of black on white is 21, and that of a known grey is the published one', () => {
  expect(contrast([0, 0, 0], [1, 0, 0])).toBeCloseTo(21, 5);
  expect(toSrgb([1, 0, 0])).toEqual([255, 255, 255]);
  expect(toSrgb([0.62796, 0.25768, 29.234])).toEqual([255, 0, 0]);
});

test('text has a contrast of at least 4.5 on every page background', () => {
  for (const theme of THEMES) {
    for (const paper of PAPERS) {
      for (const ink of ['ink', 'ink-2', 'ink-3', 'link', 'free-ink', 'held-ink', 'bad-ink']) {
        const figure = contrast(colour(ink, theme), colour(paper, theme));
        expect(figure, `${ink} on ${paper}, ${theme}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  }
});

test('text has a contrast of at least 4.5 on every tinted background', () => {
  for (const theme of THEMES) {
    for (const wash of WASHES) {
      for (const ink of ['ink', 'ink-2', wash.replace('wash', 'ink')]) {
        const figure = contrast(colour(ink, theme), colour(wash, theme));
        expect(figure, `${ink} on ${wash}, ${theme}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  }
});

test('seat marks and borders have a contrast of at least 3', () => {
  for (const theme of THEMES) {
    for (const paper of PAPERS) {
      for (const mark of ['edge', 'focus', 'free', 'held', 'bad']) {
        const figure = contrast(colour(mark, theme), colour(paper, theme));
        expect(figure, `${mark} on ${paper}, ${theme}`).toBeGreaterThanOrEqual(3);
      }
    }
  }
});

test('the theme colour of the browser’s bars is the page’s background colour', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../app.html'), 'utf8');
  for (const theme of THEMES) {
    const paper = `#${toSrgb(colour('bg', theme))
      .map((part) => part.toString(16).padStart(2, '0'))
      .join('')}`;
    if (theme === 'light') expect(manifestOf({ name: 'Frontrow' }).theme_color).toBe(paper);
    expect(page).toContain(`data-of="${theme}" media="(prefers-color-scheme: ${theme})" content="${paper}"`);
  }
});

test('no motion lasts longer than 300 ms, and none remains with reduced motion', () => {
  const [, usual = '', still = ''] =
    /:root \{([^]*?)\n\}[^]*prefers-reduced-motion: reduce\) \{([^]*?)\n\}/.exec(css) ?? [];
  const times = (block: string) =>
    [...block.matchAll(/--(press|state|panel): (\d+)ms;/g)].map(([, name, ms]) => [name, Number(ms)] as const);
  expect(times(usual).map(([name]) => name)).toEqual(['press', 'state', 'panel']);
  for (const [name, ms] of times(usual)) expect(ms, name).toBeLessThanOrEqual(300);
  expect(times(still)).toEqual([
    ['press', 0],
    ['state', 0],
    ['panel', 0],
  ]);
});

test('button text is readable: a contrast of 15 on actions, of 4.5 on danger', () => {
  for (const theme of THEMES) {
    expect(contrast(colour('on-action', theme), colour('ink', theme))).toBeGreaterThanOrEqual(15);
    expect(contrast(colour('on-bad', theme), colour('bad', theme))).toBeGreaterThanOrEqual(4.5);
  }
});

/**
 * The lowest contrasts measured when the colours were chosen, in the light and the dark theme: of texts on all
 * backgrounds, of marks on the page's background.
 */
const MEASURED: [name: string, light: number, dark: number][] = [
  ['ink', 15.1, 13.1],
  ['ink-2', 6.9, 7.6],
  ['ink-3', 4.75, 5.3],
  ['link', 6.3, 7.4],
  ['free-ink', 6.3, 9],
  ['held-ink', 6.3, 9.3],
  ['bad-ink', 6.2, 7.1],
  ['edge', 3.4, 3.9],
  ['focus', 5, 8],
  ['free', 3.8, 8.3],
  ['held', 3.3, 9.1],
  ['bad', 4.9, 5.3],
];

test.each(MEASURED)(
  '%s keeps its measured contrast: %d in the light theme, %d in the dark theme',
  (name, light, dark) => {
    const isText = /^ink|link|-ink$/.test(name);
    const worst = (theme: Theme) =>
      Math.min(...[...PAPERS, ...(isText ? WASHES : [])].map((on) => contrast(colour(name, theme), colour(on, theme))));
    expect(worst('light')).toBeCloseTo(light, 1);
    expect(worst('dark')).toBeCloseTo(dark, 1);
  },
);

test('white text and tinted text are readable on every poster hue', () => {
  for (const theme of THEMES) {
    for (let hue = 0; hue < POSTER_HUES; hue += 1) {
      const block = new RegExp(`\\[data-hue='${hue}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
      const poster = colour('poster', theme, block);
      expect(contrast(colour('on-poster', theme), poster), `white on ${hue}, ${theme}`).toBeGreaterThanOrEqual(8.6);
      expect(contrast(colour('poster-tint', theme, block), poster), `tint on ${hue}, ${theme}`).toBeGreaterThanOrEqual(
        5.89,
      );
    }
  }
});

test('posters on the payment page and on printed tickets have the colours of the light theme', () => {
  const hex = (name: string, hue: number) => {
    const [, rule = ''] = new RegExp(`\\[data-hue='${hue}'\\] \\{([^}]*)\\}`).exec(css) ?? [];
    return `#${toSrgb(colour(name, 'light', rule))
      .map((value) => value.toString(16).padStart(2, '0'))
      .join('')}`;
  };
  const inPages = Array.from({ length: POSTER_HUES }, (_, hue) => [hex('poster', hue), hex('poster-tint', hue)]);
  expect(POSTER_COLORS.map((pair) => [...pair])).toEqual(inPages);
});
