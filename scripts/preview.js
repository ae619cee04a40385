// @ts-check
/*
 * Draws the picture of shared links, web/src/lib/assets/preview.png: rows of seats, the front one free. It bears no word, so
 * that it is right under every site's name and in every language. Run by hand where its look is to change:
 *   node scripts/preview.js
 */
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from './chromium.js';

const FILE = fileURLToPath(new URL('../web/src/lib/assets/preview.png', import.meta.url));
/** What the services that show links ask for: 1.91 to 1. */
const SIZE = { width: 1200, height: 630 };

/** The colours of the pages by day (tokens.css). */
const COLOUR = { paper: 'oklch(0.985 0.003 260)', edge: 'oklch(0.6 0.015 260)', line: 'oklch(0.885 0.01 260)' };
const SEAT = { free: 'oklch(0.56 0.145 152)', held: 'oklch(0.62 0.135 60)' };

/**
 * A seat's width, where its row begins, and what each of its seats is. From the back to the front.
 * @type {{ width: number, top: number, kinds: string }[]}
 */
const ROWS = [
  { width: 56, top: 106, kinds: 'sssssssssssss' },
  { width: 76, top: 208, kinds: 'sssssssshhh' },
  { width: 98, top: 334, kinds: 'sshffffff' },
];

/** @param {{ kind: string, left: number, top: number, width: number }} seat */
function drawSeat({ kind, left, top, width }) {
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
  return `<path d="${path}" ${looks[kind]} stroke-width="${line}" />`;
}

/** @param {(typeof ROWS)[number]} row */
function drawRow({ width, top, kinds }) {
  const step = width * 1.2;
  const first = (SIZE.width - step * (kinds.length - 1) - width) / 2;
  return [...kinds].map((kind, index) => drawSeat({ kind, left: first + index * step, top, width })).join('');
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
