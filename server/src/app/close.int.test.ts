import { expect, it } from 'vitest';
import { testApp } from '../../test/support/test-app.ts';

it('a server that is closed several times closes once, and every call resolves', async (t) => {
  const { app } = await testApp(t);
  await Promise.all([app.close(), app.close()]);
  await app.close();
  expect(app.http.server.listening).toBe(false);
});
