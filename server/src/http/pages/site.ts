import type { FastifyInstance } from 'fastify';
import type { Config } from '#server/config.ts';
import type { Site } from '#shared/site.ts';

export type SiteConfig = Pick<
  Config,
  | 'siteName'
  | 'contactEmail'
  | 'imprintUrl'
  | 'privacyUrl'
  | 'termsUrl'
  | 'payments'
  | 'production'
  | 'smtpUrl'
  | 'wallet'
  | 'holdBeforeSignIn'
>;

/** The site's name, contact and legal pages, as configured. */
export function siteOf(config: SiteConfig): Site {
  const { siteName, contactEmail, imprintUrl, privacyUrl, termsUrl, payments, production, smtpUrl, wallet } = config;
  const { holdBeforeSignIn: holdsFirst } = config;
  const demoPayments = production && payments === 'demo';
  const hasMail = smtpUrl !== null || !production;
  const wallets = { apple: wallet.apple !== null, google: wallet.google !== null };
  const legal = { imprintUrl, privacyUrl, termsUrl };
  return { name: siteName, contactEmail, ...legal, demoPayments, hasMail, wallets, holdsFirst };
}

/** `GET /api/site`, for the footer of every page. Its answer changes only with a restart. */
export function mountSite(api: FastifyInstance, config: SiteConfig): void {
  const site = siteOf(config);
  api.get('/site', async (_request, reply) => reply.header('cache-control', 'public, max-age=60').send(site));
}
