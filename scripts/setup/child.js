// @ts-check
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { SetupError, withProgress } from './say.js';

const KEPT_LINES = 20;
/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * @typedef {object} Command
 * @property {string} command
 * @property {string[]} args
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 */

/**
 * Runs a step of the set-up, its output kept back. Resolves to its standard output; where the command fails, throws a
 * SetupError with what it said. A signal to us ends the step first, so that no half-done step goes on alone.
 * @param {string} label
 * @param {Command} step
 * @returns {Promise<string>}
 */
export async function runStep(label, step) {
  const { code, stdout, output } = await withProgress(label, () => collect(step));
  if (code === 0) return stdout;
  throw new SetupError(`${label} failed (${step.command} ended with ${code}):\n${excerpt(output)}`);
}

/**
 * Runs a command quietly and tells how it went; a command that does not exist is a code as well.
 * @param {Command} step
 * @returns {Promise<{ code: number, stdout: string, output: string }>}
 */
export function collect(step) {
  return new Promise((resolve) => {
    const child = spawn(step.command, step.args, { ...place(step), stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = passSignals(child);
    let stdout = '';
    let output = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      output += chunk;
    });
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => {
      stop();
      resolve({ code: 127, stdout, output: `${output}${error.message}` });
    });
    child.once('close', (code, signal) => {
      const caught = stop();
      if (caught !== null) process.exit(signalCode(caught));
      resolve({ code: code ?? signalCode(signal), stdout, output });
    });
  });
}

/**
 * Hands the terminal to a command and waits for it. Signals are passed on and its exit code comes back.
 * @param {Command & { watched?: boolean }} step `watched`: the child has a channel by which it notices our death.
 * @returns {Promise<number>}
 */
export function handOver(step) {
  return new Promise((resolve, reject) => {
    const stdio = step.watched === true ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit';
    const child = spawn(step.command, step.args, {
      ...place(step),
      stdio: /** @type {import('node:child_process').StdioOptions} */ (stdio),
    });
    const stop = passSignals(child);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      stop();
      resolve(code ?? signalCode(signal));
    });
  });
}

/** @param {Command} step */
function place(step) {
  return { ...(step.cwd === undefined ? {} : { cwd: step.cwd }), env: step.env ?? process.env };
}

/**
 * Keeps us alive until the child has ended, and lets it know of every signal we get.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {() => NodeJS.Signals | null} Undoes it and tells the first signal that came.
 */
function passSignals(child) {
  /** @type {NodeJS.Signals | null} */
  let first = null;
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    first ??= signal;
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  return () => {
    for (const signal of SIGNALS) process.off(signal, pass);
    return first;
  };
}

/** @param {NodeJS.Signals | null} signal */
function signalCode(signal) {
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}

/**
 * The reason is mostly in the first lines or in the last ones.
 * @param {string} output
 */
export function excerpt(output) {
  const lines = output.trim().split('\n');
  if (lines.length <= 2 * KEPT_LINES) return lines.join('\n');
  return [...lines.slice(0, KEPT_LINES), '…', ...lines.slice(-KEPT_LINES)].join('\n');
}

/** The npm that runs us, or the one on the path. */
export function npmCommand() {
  const path = process.env['npm_execpath'];
  if (path?.endsWith('npm-cli.js') === true) return { command: process.execPath, args: [path] };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };
}
