import { mkdir, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { startServer } from '../server/test/support/server-process.ts';
import { CHROMIUM_ARGS, chromiumPath } from '../scripts/chromium.js';
import { startDatabases } from './site/database.ts';
import { connectOrganiser, ORGANISER } from './site/organiser.ts';
import { untilLive } from './site/seats.ts';
import { furnish } from './shots/programme.ts';
import type { Shot } from './shots/shot.ts';

const FOLDER = 'screenshots';
const WIDTHS = [320, 768, 1280];
const THEMES = ['light', 'dark'] as const;
const HEIGHT = 800;
const READY_WITHIN_MS = 15_000;

const HELP = `Takes every page, in light and dark, at ${WIDTHS.join(', ')} px, into ${FOLDER}/.

  npm run screenshots -- [--german] [word …]     only pages with one of these words in their name
  --german     in German, but for those that something is pressed on by its English words
`;

const options = { german: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } as const;
const { values, positionals: words } = parseArgs({ options, allowPositionals: true });
if (values.help) process.stdout.write(HELP);
else await takeAll();

async function takeAll(): Promise<void> {
  await using undo = new AsyncDisposableStack();
  if (words.length === 0 && !values.german) await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const databases = await startDatabases();
  undo.defer(() => databases.stop());
  const settings = { ADMIN_EMAIL: ORGANISER.email, ADMIN_PASSWORD: ORGANISER.password };
  const mongoUri = databases.newUri();
  const server = await startServer({ ...settings, MONGO_URI: mongoUri });
  undo.defer(async () => void (await server.end('SIGTERM')));
  const organiser = await connectOrganiser(server.url);
  undo.defer(() => organiser.close());
  const browser = await chromium.launch({ executablePath: await chromiumPath(), args: CHROMIUM_ARGS });
  undo.defer(() => browser.close());
  const { shots, people } = await furnish({ url: server.url, mongoUri, organiser });
  const wanted = (values.german ? germanOf(shots) : shots).filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  for (const theme of THEMES) await takeIn(theme, wanted, people, browser, server.url);
  process.stdout.write(`${wanted.length * WIDTHS.length * THEMES.length} pictures are in ${FOLDER}/.\n`);
}

/** The same pages in German. They count as ready once connected, since their German `ready` text is not known. */
function germanOf(shots: Shot[]): Shot[] {
  const silent = shots.filter(
    ({ act, actsInGerman, of, path }) =>
      (act === undefined || actsInGerman) && of === undefined && !path.startsWith('/de'),
  );
  return silent.map((shot) => ({ ...shot, name: `${shot.name}-de`, path: `/de${shot.path}`, ready: 'Live' }));
}

/** Captures the pages in one theme, with one browser context for each person, so that each signs in once. */
async function takeIn(
  theme: (typeof THEMES)[number],
  shots: Shot[],
  people: Record<Shot['by'], string | null>,
  browser: Browser,
  url: string,
): Promise<void> {
  for (const by of new Set(shots.map((shot) => shot.by))) {
    const context = await openContext(browser, url, theme, people[by]);
    const page = await context.newPage();
    for (const shot of shots.filter((one) => one.by === by)) await take(page, shot, theme);
    await context.close();
  }
}

async function openContext(
  browser: Browser,
  url: string,
  theme: (typeof THEMES)[number],
  token: string | null,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: url,
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/London',
  });
  if (token !== null) await context.addCookies([{ name: 'session', value: token, url, httpOnly: true }]);
  return context;
}

async function take(page: Page, { name, path, ready, of, act }: Shot, theme: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    await page.goto(path);
    await page.getByText(ready).first().waitFor({ timeout: READY_WITHIN_MS });
    // Before a page is live its counts are dim, its buttons are disabled, and a scan fails with "no connection".
    if (of === undefined) await untilLive(page);
    if (act === undefined) await growToPage(page, width);
    else await act(page);
    await page.screenshot({ path: `${FOLDER}/${name}-${width}-${theme}.png` });
  }
}

/** Makes the window as high as the page, so that a bar at its bottom covers nothing. */
async function growToPage(page: Page, width: number): Promise<void> {
  const height = await page.locator('html').evaluate((html) => html.scrollHeight);
  await page.setViewportSize({ width, height: Math.max(HEIGHT, height) });
}
