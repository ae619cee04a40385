// @ts-check
const FIRST_AFTER_MS = 1500;
const TERMINAL_EVERY_MS = 1000;
const PLAIN_EVERY_MS = 10_000;

/** Something the person at the keyboard can act on: printed as it is, without a stack trace. */
export class SetupError extends Error {}

/**
 * One line about set-up. It goes to stderr, so that a command's own output can be piped.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs the work, and shows that it is still going once it takes longer than a moment.
 * @template T
 * @param {string} label What is being done, as in "Installing dependencies".
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withProgress(label, work) {
  const started = Date.now();
  const line = progressLine(label, started);
  try {
    return await work();
  } finally {
    line.end();
  }
}

/**
 * @param {string} label
 * @param {number} started
 */
function progressLine(label, started) {
  const terminal = process.stderr.isTTY === true;
  const seconds = () => Math.round((Date.now() - started) / 1000);
  let shown = false;
  const show = () => {
    shown = true;
    process.stderr.write(terminal ? `\r${label} … ${seconds()} s` : `${label} … ${seconds()} s\n`);
  };
  /** @type {NodeJS.Timeout} */
  let timer = setTimeout(() => {
    show();
    timer = setInterval(show, terminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS);
  }, FIRST_AFTER_MS);
  return {
    end() {
      clearTimeout(timer);
      if (shown) say(`${terminal ? '\r' : ''}${label}: took ${seconds()} s  `);
    },
  };
}
