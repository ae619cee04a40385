// @ts-check
const FIRST_AFTER_MS = 1500;
const TERMINAL_EVERY_MS = 1000;
const PLAIN_EVERY_MS = 10_000;

/** A failure that the person who started the command can act on; its message is printed without a stack trace. */
export class SetupError extends Error {}

/**
 * Prints a line to the standard error, so that a command's own output can be piped.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs the task. From 1.5 s on, shows its label and the seconds it takes.
 * @template T
 * @param {string} label Such as "Installing dependencies".
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
export async function withProgress(label, task) {
  const started = Date.now();
  const progress = startProgress(label, started);
  try {
    return await task();
  } finally {
    progress.end();
  }
}

/**
 * @param {string} label
 * @param {number} started
 */
function startProgress(label, started) {
  const isTerminal = process.stderr.isTTY === true;
  const seconds = () => Math.round((Date.now() - started) / 1000);
  let isShown = false;
  const show = () => {
    isShown = true;
    process.stderr.write(isTerminal ? `\r${label} … ${seconds()} s` : `${label} … ${seconds()} s\n`);
  };
  /** @type {NodeJS.Timeout} */
  let timer = setTimeout(() => {
    show();
    timer = setInterval(show, isTerminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS);
  }, FIRST_AFTER_MS);
  return {
    end() {
      clearTimeout(timer);
      if (isShown) say(`${isTerminal ? '\r' : ''}${label}: took ${seconds()} s  `);
    },
  };
}
