import { randomBytes } from 'node:crypto';
import type { Browser } from '@playwright/test';
import { chromium } from '@playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from '../../scripts/chromium.js';
import { createCommandLine, runWithOptions } from '../../scripts/command-line/command-line.ts';
import { wholeNumber } from '../../scripts/command-line/values.ts';
import { wholeText } from '../../scripts/load/number-text.ts';
import { say } from '../../scripts/setup/say.js';
import { conditionsAt, figuresOption, recordFigures, rounded } from '../figures/figures.ts';
import { median } from '../median.ts';
import { startMeasuredServer } from '../testbed/measured-server.ts';
import { startScratchDatabase } from '../testbed/scratch-database.ts';
import type { PageVisit } from './page-visit.ts';
import { SLOW_4G, visitPage } from './page-visit.ts';

/** The pages must stay below these values over slow 4G. */
const MAX_LCP_MS = 2_500;
const MAX_CLS = 0.02;

const commandLine = createCommandLine(
  {
    visits: {
      placeholder: 'N',
      help: 'visits to each page; the median counts',
      read: wholeNumber(1, 100),
      default: '5',
    },
    figures: figuresOption,
  },
  {
    intro: `How fast the pages appear on a phone over slow 4G (${SLOW_4G.latencyMs} ms, ${SLOW_4G.downKbps} kbit/s, processor ${SLOW_4G.cpuSlowdown} times slower), each visit with
an empty cache. Exits with 1 if the largest paint takes ${MAX_LCP_MS} ms or more, or the layout shifts by ${MAX_CLS} or more.

  npm run bench -- pages [options]`,
    toOptions: (values) => values,
  },
);

/** Measures the list page and an event page on a server with the sample events. Resolves to the exit code. */
export function measurePageSpeed(args: readonly string[]): Promise<number> {
  return runWithOptions(commandLine, args, run);
}

async function run({ visits, figures }: { visits: number; figures: string | null }): Promise<number> {
  await using cleanup = new AsyncDisposableStack();
  const { url, mongodbVersion } = await openSampleSite(cleanup);
  const browser = await chromium.launch({ executablePath: await chromiumPath(), args: CHROMIUM_ARGS });
  cleanup.defer(() => browser.close());
  const list = await medianVisit(browser, `${url}/`, visits);
  const event = await medianVisit(browser, url + (await firstEventPath(url)), visits);
  process.stdout.write(`${visitText('list', list)}\n${visitText('event', event)}\n`);
  if (figures !== null)
    await recordFigures(figures, 'pages', {
      conditions: conditionsAt(new Date(), mongodbVersion),
      options: { visits },
      list: recordedVisit(list),
      event: recordedVisit(event),
    });
  return isFastEnough(list) && isFastEnough(event) ? 0 : 1;
}

async function openSampleSite(cleanup: AsyncDisposableStack): Promise<{ url: string; mongodbVersion: string }> {
  const mongod = await startScratchDatabase(cleanup, say);
  const server = await startMeasuredServer({
    mongoUri: mongod.uri,
    secret: randomBytes(32).toString('hex'),
    profile: null,
    settings: { DATA_DIR: mongod.dataDir, DEMO_DATA: 'on' },
  });
  cleanup.defer(() => server.stop());
  return { url: server.url, mongodbVersion: mongod.version };
}

async function firstEventPath(url: string): Promise<string> {
  const { events } = (await (await fetch(`${url}/api/events`)).json()) as { events: { id: string }[] };
  return `/events/${events[0]?.id}`;
}

/** The median of each value over the visits, after one that is not counted: it finds the server's caches empty. */
async function medianVisit(browser: Browser, url: string, visits: number): Promise<PageVisit> {
  await visitPage(browser, url);
  const measured: PageVisit[] = [];
  while (measured.length < visits) measured.push(await visitPage(browser, url));
  const medianOf = (value: keyof PageVisit) => median(measured.map((visit) => visit[value]));
  return {
    fcpMs: medianOf('fcpMs'),
    lcpMs: medianOf('lcpMs'),
    cls: medianOf('cls'),
    blockedMs: medianOf('blockedMs'),
    scriptBytes: medianOf('scriptBytes'),
    totalBytes: medianOf('totalBytes'),
  };
}

function visitText(name: string, { fcpMs, lcpMs, cls, blockedMs, scriptBytes, totalBytes }: PageVisit): string {
  const paints = `FCP ${wholeText(fcpMs)} ms · LCP ${wholeText(lcpMs)} ms · CLS ${cls.toFixed(4)}`;
  const bytes = `scripts ${kilobytes(scriptBytes)} of ${kilobytes(totalBytes)}`;
  return `${name.padEnd(6)} ${paints} · blocked ${wholeText(blockedMs)} ms · ${bytes}`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}

function recordedVisit({ lcpMs, cls, scriptBytes }: PageVisit) {
  return { largestPaintMs: rounded(lcpMs, 0), layoutShift: rounded(cls, 4), scriptBytes: rounded(scriptBytes, 0) };
}

function isFastEnough({ lcpMs, cls }: PageVisit): boolean {
  return lcpMs < MAX_LCP_MS && cls < MAX_CLS;
}
