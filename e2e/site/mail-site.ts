import { startServer } from '../../server/test/support/server-process.ts';
import type { MailServer } from './mail.ts';
import { startMailServer } from './mail.ts';
import { connectOrganiser, ORGANISER, type Remote } from './organiser.ts';
import { test as base } from './test.ts';

/** A running site whose mails arrive, with codes for signing in among them, as often as a test asks for them. */
export interface MailSite {
  url: string;
  mongoUri: string;
  organiser: Remote;
  mails: MailServer;
}

export const test = base.extend<object, { mailSite: MailSite }>({
  mailSite: [
    async ({ databases }, use) => {
      const mails = await startMailServer();
      const mongoUri = databases.newUri();
      const admin = { ADMIN_EMAIL: ORGANISER.email, ADMIN_PASSWORD: ORGANISER.password };
      const server = await startServer({ ...admin, MONGO_URI: mongoUri, SMTP_URL: mails.url, RATE_LIMITS: 'off' });
      const organiser = await connectOrganiser(server.url);
      await use({ url: server.url, mongoUri, organiser, mails });
      organiser.close();
      await server.end('SIGTERM');
      await mails.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ mailSite }, use) => use(mailSite.url),
});

export { expect, PHONE, SCREENS, type OpenOptions } from './test.ts';
