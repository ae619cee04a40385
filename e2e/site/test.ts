import { test as base, expect, type BrowserContextOptions, type Page } from '@playwright/test';
import { startServer, type ServerProcess } from '../../server/test/support/server-process.ts';
import { disagreementsOf, startDatabases, type Databases } from './database.ts';
import { connectOrganiser, ORGANISER, type Remote } from './organiser.ts';
import { SCRIPTS_OFF, watchProblems, type Allowance, type Problems } from './problems.ts';

/** A running site: the server with the built pages, and its organiser. */
export interface Site {
  url: string;
  mongoUri: string;
  organiser: Remote;
}

/** A site whose server can be ended and started again on the same port and database. */
export interface OwnSite extends Site {
  end: ServerProcess['end'];
  startAgain(): Promise<void>;
  /** Starts a second server on the same database, at another address. */
  startElsewhere(): Promise<ServerProcess>;
}

interface WorkerFixtures {
  databases: Databases;
  site: Site;
}

export interface OpenOptions extends BrowserContextOptions {
  /** Failures that the test provokes; any other console error, page error or failed request fails the test. */
  allowed?: Allowance[];
}

interface TestFixtures {
  ownSite: OwnSite;
  /** Opens a browser context that shares nothing with the others; a failure that is not allowed fails the test. */
  open: (options?: OpenOptions) => Promise<Page>;
}

const SETTINGS = { ADMIN_EMAIL: ORGANISER.email, ADMIN_PASSWORD: ORGANISER.password };

export const PHONE = { width: 360, height: 740 };

/** The screens of the main journeys: the narrowest phone, and a desktop. */
export const SCREENS: Record<'phone' | 'desk', OpenOptions> = {
  phone: { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true },
  desk: {},
};

export const test = base.extend<TestFixtures, WorkerFixtures>({
  databases: [
    // Playwright reads from this pattern which other fixtures are needed.
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const databases = await startDatabases();
      await use(databases);
      await databases.stop();
    },
    { scope: 'worker' },
  ],
  site: [
    async ({ databases }, use) => {
      const mongoUri = databases.newUri();
      const server = await startServer({ ...SETTINGS, MONGO_URI: mongoUri });
      const organiser = await connectOrganiser(server.url);
      await use({ url: server.url, mongoUri, organiser });
      organiser.close();
      expect(await server.end('SIGTERM')).toBe(0);
      expect(await disagreementsOf(mongoUri)).toEqual([]);
    },
    { scope: 'worker' },
  ],
  ownSite: async ({ databases }, use) => {
    const mongoUri = databases.newUri();
    const settings = { ...SETTINGS, MONGO_URI: mongoUri };
    const servers = [await startServer(settings)];
    const { url, port } = servers[0] as ServerProcess;
    const start = async (more: Record<string, string>) => {
      const server = await startServer({ ...settings, ...more });
      servers.unshift(server);
      return server;
    };
    const organiser = await connectOrganiser(url);
    let present = servers[0] as ServerProcess;
    const startAgain = async () => {
      present = await start({ PORT: String(port) });
    };
    await use({
      url,
      mongoUri,
      organiser,
      startAgain,
      end: (signal) => present.end(signal),
      startElsewhere: () => start({}),
    });
    organiser.close();
    for (const server of servers) await server.end('SIGKILL');
    expect(await disagreementsOf(mongoUri)).toEqual([]);
  },
  baseURL: async ({ site }, use) => use(site.url),
  open: async ({ browser, baseURL, serviceWorkers }, use) => {
    const problems: Problems[] = [];
    const pages: Page[] = [];
    await use(async ({ allowed = [], ...options } = {}) => {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        locale: 'en-GB',
        timezoneId: 'Europe/London',
        serviceWorkers,
        ...(baseURL !== undefined && { baseURL }),
        ...options,
      });
      problems.push(watchProblems(context, options.javaScriptEnabled === false ? [...allowed, SCRIPTS_OFF] : allowed));
      const page = await context.newPage();
      pages.push(page);
      return page;
    });
    for (const page of pages) await page.context().close();
    expect(problems.flatMap((one) => one.all())).toEqual([]);
  },
});

export { expect };
