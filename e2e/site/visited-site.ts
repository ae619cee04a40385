import type { Page } from '@playwright/test';
import { startServer } from '../../server/test/support/server-process.ts';
import type { Databases } from './database.ts';
import { connectOrganiser, ORGANISER, type Remote } from './organiser.ts';
import type { OpenOptions } from './test.ts';

type Open = (options?: OpenOptions) => Promise<Page>;

/** A running site whose pages are opened by `visit`, and close before its server ends. */
export interface VisitedSite {
  url: string;
  organiser: Remote;
  visit: Open;
}

/** Runs a site with these settings of its server, as long as `use` takes. */
export async function withVisitedSite(
  { databases, open }: { databases: Databases; open: Open },
  settings: Record<string, string>,
  use: (site: VisitedSite) => Promise<void>,
): Promise<void> {
  const admin = { ADMIN_EMAIL: ORGANISER.email, ADMIN_PASSWORD: ORGANISER.password };
  const server = await startServer({ MONGO_URI: databases.newUri(), ...admin, ...settings });
  const organiser = await connectOrganiser(server.url);
  const pages: Page[] = [];
  const visit: Open = async (options) => {
    const page = await open({ baseURL: server.url, ...options });
    pages.push(page);
    return page;
  };
  await use({ url: server.url, organiser, visit });
  for (const page of pages) await page.context().close();
  organiser.close();
  await server.end('SIGTERM');
}
