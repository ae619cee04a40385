// @ts-check
/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * @param {string | null} report What vitest's json reporter wrote.
 * @param {number} exitCode
 * @returns {Counts}
 */
export function countVitest(report, exitCode) {
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = parse(report);
  const counts = { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  return honest(counts, exitCode);
}

/**
 * @param {string | null} report What Playwright's json reporter wrote.
 * @param {number} exitCode
 * @returns {Counts}
 */
export function countPlaywright(report, exitCode) {
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = parse(report).stats ?? {};
  return honest({ passed: expected + flaky, failed: unexpected, skipped }, exitCode);
}

/**
 * A run can fail without a failed test: a file that does not load, a crash. That counts as one.
 * @param {Counts} counts
 * @param {number} exitCode
 */
function honest(counts, exitCode) {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** @param {string | null} report */
function parse(report) {
  return report === null ? {} : JSON.parse(report);
}

/**
 * @param {Counts[]} all
 * @returns {Counts}
 */
export function total(all) {
  return all.reduce((sum, { passed, failed, skipped }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
  }));
}

/** @param {Counts} counts */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
