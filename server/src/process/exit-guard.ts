import { Worker } from 'node:worker_threads';

/** Runs in a thread of its own, so that it needs nothing that may be stuck in this process. */
const GUARD = `
const { workerData } = require('node:worker_threads');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, workerData.ms);
process.kill(process.pid, 'SIGKILL');
`;

/**
 * Kills this process after `ms`, even if its event loop is stuck by then. Only an earlier end prevents it. As process 1 of
 * a container it is protected from its own signals; there the container's runtime kills it after the time to stop.
 */
export function killAfter(ms: number): void {
  new Worker(GUARD, { eval: true, execArgv: [], workerData: { ms } }).unref();
}
