// Those who read the list, as one client: a process of its own, so that it takes no time from who measures.
import { build } from 'hdr-histogram-js';
import { Agent, request } from 'node:http';

export interface ReadersJob {
  port: number;
  perSecond: number;
}

export interface ReadersFigures {
  answered: number;
  failed: number;
  latencyMs: { p50: number; p99: number };
}

const SLICE_MS = 10;
const CONNECTIONS = 64;
const LONGEST_US = 60_000_000;

/** Asks for the list at an even pace, whether answers keep up or not, until told to stop. */
function serve({ port, perSecond }: ReadersJob): () => ReadersFigures {
  const latency = build({ highestTrackableValue: LONGEST_US, numberOfSignificantValueDigits: 3 });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const figures = { answered: 0, failed: 0 };
  const startMs = performance.now();
  let sent = 0;

  function ask(): void {
    const sentMs = performance.now();
    const headers = { 'accept-encoding': 'br', accept: 'text/html' };
    const asked = request({ agent, host: '127.0.0.1', port, path: '/', headers }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 200) figures.answered += 1;
        else figures.failed += 1;
        latency.recordValue(Math.min(LONGEST_US, Math.round((performance.now() - sentMs) * 1_000)));
      });
    });
    asked.once('error', () => (figures.failed += 1)).end();
  }

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) / 1_000) * perSecond);
    for (; sent < due; sent += 1) ask();
  }, SLICE_MS);

  return () => {
    clearInterval(timer);
    const at = (percentile: number) => latency.getValueAtPercentile(percentile) / 1_000;
    return { ...figures, latencyMs: { p50: at(50), p99: at(99) } };
  };
}

let stop: (() => ReadersFigures) | null = null;
process.on('message', (order: ReadersJob | 'stop') => {
  if (order !== 'stop') stop = serve(order);
  else if (stop !== null) process.send?.(stop());
});
process.on('disconnect', () => process.exit());
