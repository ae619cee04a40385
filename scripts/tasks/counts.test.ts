import { expect, test } from 'vitest';
import { countPlaywright, countVitest, summary, total } from './counts.js';

const vitest = JSON.stringify({
  numPassedTests: 10,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 0,
  testResults: [
    { name: 'broken.test.ts', status: 'failed', assertionResults: [] },
    {
      name: 'holds.test.ts',
      status: 'failed',
      assertionResults: [
        { status: 'passed', fullName: 'a hold ends in time', failureMessages: [] },
        { status: 'passed', fullName: 'a hold is moved', failureMessages: ['Error: once'] },
        { status: 'failed', fullName: 'a hold is sold', failureMessages: ['Error: once', 'Error: twice'] },
      ],
    },
  ],
});
const playwright = JSON.stringify({
  stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 0 },
  suites: [
    {
      title: 'pay.spec.ts',
      specs: [
        { title: 'one pays', tests: [{ status: 'expected' }] },
        { title: 'one does not pay', tests: [{ status: 'unexpected' }] },
      ],
      suites: [{ title: 'late', specs: [{ title: 'one pays late', tests: [{ status: 'flaky' }] }] }],
    },
  ],
});

test('both reports are added up: lines that name what failed, one that counts, and one of what needed another try', () => {
  const counts = total([countVitest(vitest, 1), countPlaywright(playwright, 1)]);
  expect(summary(counts).split('\n')).toEqual([
    'failed: broken.test.ts',
    'failed: a hold is sold',
    'failed: one does not pay',
    '15 passed, 2 failed, 1 skipped',
    'retried: 2: a hold is moved; one pays late',
  ]);
});

test('the line that counts stands alone, and says so where nothing was retried', () => {
  expect(summary({ passed: 3, failed: 0, skipped: 0, retried: [], failures: [] })).toBe(
    '3 passed, 0 failed\nretried: 0',
  );
});

test('a run that failed without a failed test counts as one failure', () => {
  const green = JSON.stringify({ numPassedTests: 10, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0 });
  expect(countVitest(green, 1)).toEqual({ passed: 10, failed: 1, skipped: 1, retried: [], failures: [] });
  expect(countPlaywright(null, 1)).toEqual({ passed: 0, failed: 1, skipped: 0, retried: [], failures: [] });
});
