import { posterHue } from './poster-hue.ts';

/**
 * The poster's colours of the light theme, by hue: block and tint, for what knows no OKLCH (web/src/lib/styles/tokens.css
 * has the same).
 */
export const POSTER_COLORS = [
  ['#742b3d', '#f2c3ca'],
  ['#742f23', '#f3c5bb'],
  ['#693a10', '#edc9ae'],
  ['#54470d', '#dcd1a9'],
  ['#33521f', '#c2dab6'],
  ['#125443', '#adddcd'],
  ['#095255', '#a7dddf'],
  ['#074f67', '#acd9ee'],
  ['#1c477f', '#bad3f5'],
  ['#403c85', '#cbcdf5'],
  ['#5b3177', '#dcc8ed'],
  ['#6d2c5a', '#ebc4dc'],
] as const;

/** The colours of an event's poster. */
export function posterColors(eventId: string): { block: string; tint: string } {
  const [block, tint] = POSTER_COLORS[posterHue(eventId)] ?? POSTER_COLORS[0];
  return { block, tint };
}
