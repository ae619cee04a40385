// @ts-check
/** @typedef {{ passed: number, failed: number, skipped: number, retried: string[] }} Counts `retried`: titles of tests that passed at a later try than the first. */
/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} VitestTest */
/** @typedef {{ title: string, specs?: { title: string, tests: { status: string }[] }[], suites?: PlaywrightSuite[] }} PlaywrightSuite */

/**
 * @param {string | null} report What vitest's json reporter wrote.
 * @param {number} exitCode
 * @returns {Counts}
 */
export function countVitest(report, exitCode) {
  const {
    numPassedTests = 0,
    numFailedTests = 0,
    numPendingTests = 0,
    numTodoTests = 0,
    testResults = [],
  } = parse(report);
  const skipped = numPendingTests + numTodoTests;
  const retried = retriedByVitest(testResults);
  return honest({ passed: numPassedTests, failed: numFailedTests, skipped, retried }, exitCode);
}

/**
 * A test that passed at a later try keeps the failures of the tries before.
 * @param {{ assertionResults: VitestTest[] }[]} files
 */
function retriedByVitest(files) {
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  return tests
    .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
    .map(({ fullName }) => fullName);
}

/**
 * @param {string | null} report What Playwright's json reporter wrote.
 * @param {number} exitCode
 * @returns {Counts}
 */
export function countPlaywright(report, exitCode) {
  const { stats = {}, suites = [] } = parse(report);
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = stats;
  const retried = retriedByPlaywright(suites);
  return honest({ passed: expected + flaky, failed: unexpected, skipped, retried }, exitCode);
}

/**
 * @param {PlaywrightSuite[]} suites
 * @returns {string[]}
 */
function retriedByPlaywright(suites) {
  return suites.flatMap(({ specs = [], suites: inner = [] }) => {
    const flaky = specs.filter(({ tests }) => tests.some(({ status }) => status === 'flaky'));
    return [...flaky.map(({ title }) => title), ...retriedByPlaywright(inner)];
  });
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
  return all.reduce((sum, { passed, failed, skipped, retried }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
    retried: [...sum.retried, ...retried],
  }));
}

/**
 * The two closing lines of a run. The first has this form alone, for programs that read it.
 * @param {Counts} counts
 */
export function summary({ passed, failed, skipped, retried }) {
  const counted = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  const titles = retried.length > 0 ? `: ${retried.join('; ')}` : '';
  return `${counted}\nretried: ${retried.length}${titles}`;
}
