// The readers of the list, as one HTTP client: a process of its own, so that it does not block the buyers' event loop.
import { Agent, request } from 'node:http';
import { Latencies } from '../../scripts/load/latencies.ts';

export interface ReadersOptions {
  port: number;
  readsPerSecond: number;
}

export interface ReadersFigures {
  answered: number;
  /** Answers other than 200, and lost connections. */
  failed: number;
  p99Ms: number;
}

const SLICE_MS = 10;
const CONNECTIONS = 64;

/** Requests the list at an even pace, even if answers are late, until the returned function is called. */
function startReading({ port, readsPerSecond }: ReadersOptions): () => ReadersFigures {
  const latencies = new Latencies();
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const counts = { answered: 0, failed: 0 };
  const startMs = performance.now();
  let sent = 0;

  function requestList(): void {
    const sentMs = performance.now();
    const headers = { 'accept-encoding': 'br', accept: 'text/html' };
    const listRequest = request({ agent, host: '127.0.0.1', port, path: '/', headers }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 200) counts.answered += 1;
        else counts.failed += 1;
        latencies.record(performance.now() - sentMs);
      });
    });
    listRequest.once('error', () => (counts.failed += 1)).end();
  }

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) / 1_000) * readsPerSecond);
    for (; sent < due; sent += 1) requestList();
  }, SLICE_MS);

  return () => {
    clearInterval(timer);
    return { ...counts, p99Ms: latencies.percentile(99) };
  };
}

let stop: (() => ReadersFigures) | null = null;
process.on('message', (message: ReadersOptions | 'stop') => {
  if (message !== 'stop') stop = startReading(message);
  else if (stop !== null) process.send?.(stop());
});
process.on('disconnect', () => process.exit());
