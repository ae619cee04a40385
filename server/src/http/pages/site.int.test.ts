import { expect, it } from 'vitest';
import { testHttp } from '../../../test/support/test-http.ts';

it('GET /api/site answers name and legal pages of the site without a session', async (t) => {
  const env = { SITE_NAME: 'Kulturhaus', IMPRINT_URL: 'https://example.org/imprint' };
  const app = await testHttp(t, { env });
  expect((await app.http.inject('/api/site')).json()).toEqual({
    name: 'Kulturhaus',
    contactEmail: null,
    imprintUrl: 'https://example.org/imprint',
    privacyUrl: null,
    termsUrl: null,
    demoPayments: false,
    hasMail: true,
    wallets: { apple: false, google: false },
    holdsFirst: true,
  });
});
