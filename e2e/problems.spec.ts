import { refusal, watchProblems } from './site/problems.ts';
import { expect, test } from './site/test.ts';

const FAILURES = {
  'an error in the console': { act: 'console.error("broken")', line: /^console: broken / },
  'an exception': { act: 'setTimeout(() => { throw new Error("thrown") })', line: /^page: Error: thrown/ },
  'an answer of 400 and above': { act: 'fetch("/api/nothing?token=secret")', line: /^404 \/api\/nothing$/ },
  'a request without an answer': {
    act: 'fetch("/api/unanswered").catch(() => 0)',
    line: /^net::ERR_CONNECTION_RESET \/api\/unanswered$/,
  },
};

test.describe('the list of failures of a browser test', () => {
  for (const [reason, { act, line }] of Object.entries(FAILURES)) {
    test(`holds ${reason} once, unless the test allows it`, async ({ browser, site }) => {
      const context = await browser.newContext({ baseURL: site.url });
      await context.route('/api/unanswered', (route) => route.abort('connectionreset'));
      const all = watchProblems(context, []);
      const unexpected = watchProblems(context, [{ reason, pattern: line, isCertain: true }]);
      const page = await context.newPage();
      await page.goto('/');
      await page.evaluate(`{ ${act}; }`);
      await expect.poll(() => all.all()).toEqual([expect.stringMatching(line)]);
      await context.close();
      expect(all.all()).toHaveLength(1);
      expect(unexpected.all()).toEqual([]);
    });
  }

  test('holds an allowance whose failure did not happen', async ({ browser, site }) => {
    const context = await browser.newContext({ baseURL: site.url });
    const problems = watchProblems(context, [refusal(401, '/api/auth/login', 'a wrong password')]);
    await (await context.newPage()).goto('/');
    await context.close();
    expect(problems.all()).toEqual(['did not happen: ^401 \\/api\\/auth\\/login$ (a wrong password)']);
  });
});
