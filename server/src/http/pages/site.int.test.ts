import { expect, it } from 'vitest';
import { testHttp } from '../../../test/support/test-http.ts';

it('GET /api/site answers name and legal pages of the site without a session', async (t) => {
  const config = { siteName: 'Kulturhaus', imprintUrl: 'https://example.org/imprint' };
  const http = await testHttp(t, { config });
  expect((await http.app.inject('/api/site')).json()).toEqual({
    name: 'Kulturhaus',
    contactEmail: null,
    imprintUrl: 'https://example.org/imprint',
    privacyUrl: null,
    termsUrl: null,
    demoPayments: false,
  });
});
