// @ts-check
/*
 * Draws the preview picture of shared links, web/src/lib/assets/preview.png: rows of seats, of which the front one is
 * free. It contains no text, so that it suits every SITE_NAME and language. Run by hand after a change:
 *   node scripts/preview.js
 */
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from './chromium.js';

const FILE = fileURLToPath(new URL('../web/src/lib/assets/preview.png', import.meta.url));
/** Size recommended for Open Graph images, 1.91 to 1. */
const SIZE = { width: 1200, height: 630 };

/** Colours of the light theme (tokens.css). */
const COLOUR = { paper: 'oklch(0.985 0.003 260)', edge: 'oklch(0.6 0.015 260)', line: 'oklch(0.885 0.01 260)' };
const SEAT = { free: 'oklch(0.56 0.145 152)', held: 'oklch(0.62 0.135 60)' };

/**
 * Rows from the back to the front: width of a seat, top of the row, and state of each seat (sold, held or free).
 * @type {{ width: number, top: number, states: string }[]}
 */
const ROWS = [
  { width: 56, top: 106, states: 'sssssssssssss' },
  { width: 76, top: 208, states: 'sssssssshhh' },
  { width: 98, top: 334, states: 'sshffffff' },
];

/** @param {{ state: string, left: number, top: number, width: number }} seat */
function drawSeat({ state, left, top, width }) {
  const height = width * 1.08;
  const [round, foot, line] = [width * 0.38, width * 0.1, Math.max(2, width / 28)];
  const path = [
    `M${left} ${top + round}a${round} ${round} 0 0 1 ${round} ${-round}h${width - 2 * round}`,
    `a${round} ${round} 0 0 1 ${round} ${round}v${height - round - foot}a${foot} ${foot} 0 0 1 ${-foot} ${foot}`,
    `h${2 * foot - width}a${foot} ${foot} 0 0 1 ${-foot} ${-foot}z`,
  ].join('');
  /** @type {Record<string, string>} */
  const looks = {
    s: `fill="none" stroke="${COLOUR.edge}"`,
    h: `fill="url(#hatched)" stroke="${SEAT.held}"`,
    f: `fill="${SEAT.free}" stroke="${SEAT.free}"`,
  };
  return `<path d="${path}" ${looks[state]} stroke-width="${line}" />`;
}

/** @param {(typeof ROWS)[number]} row */
function drawRow({ width, top, states }) {
  const step = width * 1.2;
  const first = (SIZE.width - step * (states.length - 1) - width) / 2;
  return [...states].map((state, index) => drawSeat({ state, left: first + index * step, top, width })).join('');
}

const STAGE = 524;
const svg = `
  <svg xmlns="http://www.w3.org/2000/svg" width="${SIZE.width}" height="${SIZE.height}">
    <defs>
      <pattern id="hatched" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="12" fill="${SEAT.held}" />
      </pattern>
    </defs>
    <rect width="100%" height="100%" fill="${COLOUR.paper}" />
    ${ROWS.map(drawRow).join('')}
    <path d="M76 ${STAGE}H1124" stroke="${COLOUR.line}" stroke-width="3" />
  </svg>`;

const browser = await chromium.launch({ executablePath: await chromiumPath(), args: CHROMIUM_ARGS });
const page = await browser.newPage({ viewport: SIZE });
await page.setContent(`<style>body{margin:0}svg{display:block}</style>${svg}`);
await page.screenshot({ path: FILE });
await browser.close();
