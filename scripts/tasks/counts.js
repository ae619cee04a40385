// @ts-check
/** @typedef {{ passed: number, failed: number, skipped: number, retried: string[], failures: string[] }} Counts `retried`: titles of tests that passed at a later try than the first; `failures`: titles of those that failed. */
/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} VitestTest */
/** @typedef {{ name: string, status: string, assertionResults: VitestTest[] }} VitestFile */
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
  const failures = failedInVitest(testResults);
  return honest({ passed: numPassedTests, failed: numFailedTests, skipped, retried, failures }, exitCode);
}

/**
 * Failed tests, and files that failed without one: those that do not load, or whose hooks failed.
 * @param {VitestFile[]} files
 */
function failedInVitest(files) {
  return files.flatMap(({ name, status, assertionResults }) => {
    const titles = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
    return titles.length === 0 && status === 'failed' ? [name] : titles;
  });
}

/**
 * A test that passed at a later try keeps the failures of the tries before.
 * @param {VitestFile[]} files
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
  const retried = titlesInPlaywright(suites, 'flaky');
  const failures = titlesInPlaywright(suites, 'unexpected');
  return honest({ passed: expected + flaky, failed: unexpected, skipped, retried, failures }, exitCode);
}

/**
 * @param {PlaywrightSuite[]} suites
 * @param {string} wanted
 * @returns {string[]}
 */
function titlesInPlaywright(suites, wanted) {
  return suites.flatMap(({ specs = [], suites: inner = [] }) => {
    const found = specs.filter(({ tests }) => tests.some(({ status }) => status === wanted));
    return [...found.map(({ title }) => title), ...titlesInPlaywright(inner, wanted)];
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
  return all.reduce((sum, { passed, failed, skipped, retried, failures }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
    retried: [...sum.retried, ...retried],
    failures: [...sum.failures, ...failures],
  }));
}

/**
 * The closing lines of a run: a line for each failed test, then the counts, in this form alone for programs that read it,
 * and the retried tests.
 * @param {Counts} counts
 */
export function summary({ passed, failed, skipped, retried, failures }) {
  const counted = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  const titles = retried.length > 0 ? `: ${retried.join('; ')}` : '';
  return [...failures.map((title) => `failed: ${title}`), counted, `retried: ${retried.length}${titles}`].join('\n');
}
