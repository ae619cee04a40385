import { expect, test } from 'vitest';
import { countPlaywright, countVitest, summary, total } from './counts.js';

const vitest = JSON.stringify({ numPassedTests: 10, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0 });
const playwright = JSON.stringify({ stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 0 } });

test('both reports are added up in one line', () => {
  const counts = total([countVitest(vitest, 0), countPlaywright(playwright, 1)]);
  expect(summary(counts)).toBe('15 passed, 1 failed, 1 skipped');
  expect(summary({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
});

test('a run that failed without a failed test counts as one failure', () => {
  expect(countVitest(vitest, 1)).toEqual({ passed: 10, failed: 1, skipped: 1 });
  expect(countPlaywright(null, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
