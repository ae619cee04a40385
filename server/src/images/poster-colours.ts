/** Hue and chroma of the posters in OKLCH, as in web/src/lib/styles/tokens.css, light theme. */
const POSTERS: readonly (readonly [hue: number, chroma: number])[] = [
  [8, 0.105],
  [32, 0.1],
  [58, 0.085],
  [95, 0.075],
  [135, 0.085],
  [172, 0.07],
  [200, 0.065],
  [228, 0.075],
  [256, 0.105],
  [282, 0.12],
  [310, 0.12],
  [340, 0.11],
];
const LIGHTNESS = 0.4;
const TINT = { lightness: 0.86, chroma: 0.055 };

/** The colours of a poster hue as "#rrggbb": its block, and the tint of dates and artworks on it. */
export function posterColours(index: number): { poster: string; tint: string } {
  const [hue, chroma] = POSTERS[index] ?? [0, 0];
  return { poster: toHex(LIGHTNESS, chroma, hue), tint: toHex(TINT.lightness, TINT.chroma, hue) };
}

/** OKLCH to sRGB, by Björn Ottosson's matrices (bottosson.github.io/posts/oklab). */
function toHex(lightness: number, chroma: number, hue: number): string {
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
  return `#${linear.map((value) => encoded(value).toString(16).padStart(2, '0')).join('')}`;
}

function encoded(value: number): number {
  const clipped = Math.min(1, Math.max(0, value));
  return Math.round((clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055) * 255);
}
