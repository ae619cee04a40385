import { Worker } from 'node:worker_threads';

/** Runs in a thread of its own, so that it needs nothing that may be stuck in this process. */
const GUARD = `
const { workerData } = require('node:worker_threads');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, workerData.ms);
process.kill(process.pid, 'SIGKILL');
`;

/** Kills this process after `ms`, even if its event loop is stuck by then. Only an earlier end prevents it. */
export function killAfter(ms: number): void {
  new Worker(GUARD, { eval: true, execArgv: [], workerData: { ms } }).unref();
}
