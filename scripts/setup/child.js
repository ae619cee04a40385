// @ts-check
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { SetupError, withProgress } from './say.js';

const KEPT_LINES = 20;
/** A server ends within 10 s of a signal, unless it is stuck. */
const KILL_MS = 12_000;
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
 * Runs a step of the set-up without showing its output. Resolves to its standard output; throws a SetupError with an
 * excerpt of the output if the command fails. A signal to this process ends the step first, so that it does not continue
 * in the background.
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
 * Runs a command and collects its output. Resolves to the exit code in any case; it is 127 if the command does not exist.
 * @param {Command} step
 * @returns {Promise<{ code: number, stdout: string, output: string }>}
 */
export function collect(step) {
  return new Promise((resolve) => {
    const child = spawn(step.command, step.args, { ...spawnOptions(step), stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = forwardSignals(child);
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
 * Runs a command on our terminal and forwards signals to it. Resolves to its exit code.
 * @param {Command & { watched?: boolean, killMs?: number }} step `watched`: the child has a channel that closes when this
 *   process dies, and is killed if it still runs `killMs` after the first signal.
 * @returns {Promise<number>}
 */
export function handOver(step) {
  return new Promise((resolve, reject) => {
    const stdio = step.watched === true ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit';
    const child = spawn(step.command, step.args, {
      ...spawnOptions(step),
      stdio: /** @type {import('node:child_process').StdioOptions} */ (stdio),
    });
    const stop = forwardSignals(child);
    const stopKilling = step.watched === true ? killAfterSignal(child, step.killMs ?? KILL_MS) : () => undefined;
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      stop();
      stopKilling();
      resolve(code ?? signalCode(signal));
    });
  });
}

/** @param {Command} step */
function spawnOptions(step) {
  return { ...(step.cwd === undefined ? {} : { cwd: step.cwd }), env: step.env ?? process.env };
}

/**
 * Forwards our signals to the child, instead of ending this process by them.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {() => NodeJS.Signals | null} Stops forwarding, and returns the first signal that was forwarded.
 */
function forwardSignals(child) {
  /** @type {NodeJS.Signals | null} */
  let first = null;
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    first ??= signal;
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  return () => {
    for (const signal of SIGNALS) process.off(signal, forward);
    return first;
  };
}

/**
 * Kills the child a while after our first signal, because a process whose event loop is stuck does not see any.
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} killMs
 * @returns {() => void} Stops waiting for a signal.
 */
function killAfterSignal(child, killMs) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const arm = () => {
    timer ??= setTimeout(() => child.kill('SIGKILL'), killMs);
  };
  for (const signal of SIGNALS) process.on(signal, arm);
  return () => {
    clearTimeout(timer);
    for (const signal of SIGNALS) process.off(signal, arm);
  };
}

/** @param {NodeJS.Signals | null} signal */
function signalCode(signal) {
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}

/**
 * The first and last lines of an output: the reason of a failure is mostly there.
 * @param {string} output
 */
function excerpt(output) {
  const lines = output.trim().split('\n');
  if (lines.length <= 2 * KEPT_LINES) return lines.join('\n');
  return [...lines.slice(0, KEPT_LINES), '…', ...lines.slice(-KEPT_LINES)].join('\n');
}

/** The npm that started this process, or the one on the path. */
export function npmCommand() {
  const path = process.env['npm_execpath'];
  if (path?.endsWith('npm-cli.js') === true) return { command: process.execPath, args: [path] };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };
}
