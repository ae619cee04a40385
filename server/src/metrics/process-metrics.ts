import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { Registry } from '@prometheus-io/client';
import { createRegistrars } from './registrars.ts';
import { watchEventLoop } from './event-loop.ts';

/**
 * Registers metrics of the process under the names that dashboards for Node expect; returns a function that stops their
 * collection. The client library's own set starts a timer that cannot be stopped, which keeps a closed application alive.
 */
export function registerProcessMetrics(registry: Registry): () => void {
  const loop = watchEventLoop();
  const { gauge, counter } = createRegistrars(registry);
  const cpuSeconds = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  counter('process_cpu_seconds_total', 'User and system CPU time in seconds.', cpuSeconds);
  gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss());
  gauge('process_start_time_seconds', 'Start of the process since the epoch.', () => performance.timeOrigin / 1e3);
  gauge('nodejs_heap_size_used_bytes', 'Used heap in bytes.', () => process.memoryUsage().heapUsed);
  gauge('nodejs_heap_size_total_bytes', 'Heap in bytes.', () => process.memoryUsage().heapTotal);
  gauge('nodejs_external_memory_bytes', 'Memory outside the heap in bytes.', () => process.memoryUsage().external);
  gauge(
    'nodejs_eventloop_utilization',
    'Share of the last ten seconds that the event loop was busy.',
    () => loop.figures.utilization,
  );
  gauge(
    'nodejs_eventloop_lag_p99_seconds',
    'The 99th percentile of the delays of the event loop in the last ten seconds.',
    () => loop.figures.p99Seconds,
  );
  gauge(
    'nodejs_eventloop_lag_max_seconds',
    'The longest delay of the event loop in the last ten seconds.',
    () => loop.figures.longestSeconds,
  );
  const most = mostFiles();
  if (most !== null) {
    gauge('process_open_fds', 'Open files and sockets.', async () => (await readdir('/proc/self/fd')).length);
    gauge('process_max_fds', 'Most open files and sockets; each client is one.', () => most);
  }
  return loop.stop;
}

/** The limit of open files; null without one, and where the system does not reveal it as Linux does. */
export function mostFiles(): number | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
    return soft === undefined || soft === 'unlimited' ? null : Number(soft);
  } catch {
    return null;
  }
}
