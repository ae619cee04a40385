import { chromium } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '#server/mongo/embedded/embedded.ts';
import { createCommandLine, runWithOptions } from '../../scripts/command-line/command-line.ts';
import { wholeNumber } from '../../scripts/command-line/values.ts';
import { CHROMIUM_ARGS, chromiumPath } from '../../scripts/chromium.js';
import { findMongod } from '../../scripts/setup/mongod.js';
import { startServer } from '../../server/test/support/server-process.ts';
import { median } from '../bookings/report.ts';
import type { Visit } from './vitals.ts';
import { SLOW_4G, visit } from './vitals.ts';

/** What must hold over slow 4G. */
const MOST_LCP_MS = 2_500;
const MOST_CLS = 0.02;

const commandLine = createCommandLine(
  {
    visits: {
      placeholder: 'N',
      help: 'visits to each page; the median counts',
      read: wholeNumber(1, 100),
      default: '5',
    },
  },
  {
    intro: `How fast the pages appear on a phone over slow 4G (${SLOW_4G.latencyMs} ms, ${SLOW_4G.downKbps} kbit/s, processor ${SLOW_4G.cpuSlowdown} times slower), each visit with
an empty cache. Exits with 1 if the largest paint takes more than ${MOST_LCP_MS} ms or the layout shifts by more than ${MOST_CLS}.

  npm run bench -- pages [options]`,
    toOptions: (values) => values,
  },
);

/** Measures list and event page against a server with the sample events. Resolves to the exit code. */
export function measurePages(args: string[]): Promise<number> {
  return runWithOptions(commandLine, args, measure);
}

async function measure(options: { visits: number }): Promise<number> {
  await using undo = new AsyncDisposableStack();
  const url = await openSite(undo);
  const browser = await chromium.launch({ executablePath: await chromiumPath(), args: CHROMIUM_ARGS });
  undo.defer(() => browser.close());
  const paths = ['/', await firstEventPath(url)];
  let isGood = true;
  for (const path of paths) {
    const visits: Visit[] = [];
    // The first one finds the server cold, as nobody does on a site that is in use.
    await visit(browser, url + path);
    for (let left = options.visits; left > 0; left -= 1) visits.push(await visit(browser, url + path));
    isGood = tell(path === '/' ? 'list' : 'event', visits) && isGood;
  }
  return isGood ? 0 : 1;
}

async function openSite(undo: AsyncDisposableStack): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'frontrow-bench-'));
  undo.defer(() => rm(dataDir, { recursive: true, force: true }));
  const log = { info: () => undefined, error: console.error };
  const mongod = await startEmbedded({ dataDir, binary: await findMongod(), log });
  undo.defer(() => mongod.stop());
  const server = await startServer({ MONGO_URI: mongod.uri, DATA_DIR: dataDir, DEMO_DATA: 'on', RATE_LIMITS: 'off' });
  undo.defer(async () => void (await server.end('SIGTERM')));
  return server.url;
}

async function firstEventPath(url: string): Promise<string> {
  const { events } = (await (await fetch(`${url}/api/events`)).json()) as { events: { id: string }[] };
  return `/events/${events[0]?.id}`;
}

/** Prints the median of the visits; gives whether it is good enough. */
function tell(name: string, visits: Visit[]): boolean {
  const of = (figure: keyof Visit) => median(visits.map((one) => one[figure]));
  const whole = (figure: keyof Visit) => Math.round(of(figure)).toLocaleString('en');
  const kilobytes = (figure: keyof Visit) => `${(of(figure) / 1_000).toFixed(1)} kB`;
  process.stdout.write(
    `${name.padEnd(6)} FCP ${whole('fcpMs')} ms · LCP ${whole('lcpMs')} ms · CLS ${of('cls').toFixed(4)} · blocked ` +
      `${whole('blockedMs')} ms · scripts ${kilobytes('scriptBytes')} of ${kilobytes('totalBytes')}\n`,
  );
  return of('lcpMs') < MOST_LCP_MS && of('cls') < MOST_CLS;
}
