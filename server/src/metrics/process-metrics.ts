import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Registry } from '@prometheus-io/client';
import { Counter, Gauge } from '@prometheus-io/client';

const DELAY_RESOLUTION_MS = 20;

/**
 * Registers metrics of the process under the names that dashboards for Node expect; returns a function that stops their
 * collection. The client library's own set starts a timer that cannot be stopped, which keeps a closed application alive.
 */
export function registerProcessMetrics(registry: Registry): () => void {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  let loop = performance.eventLoopUtilization();

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }

  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time in seconds.',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss());
  gauge('process_start_time_seconds', 'Start of the process since the epoch.', () => performance.timeOrigin / 1e3);
  gauge('nodejs_heap_size_used_bytes', 'Used heap in bytes.', () => process.memoryUsage().heapUsed);
  gauge('nodejs_heap_size_total_bytes', 'Heap in bytes.', () => process.memoryUsage().heapTotal);
  gauge('nodejs_external_memory_bytes', 'Memory outside the heap in bytes.', () => process.memoryUsage().external);
  gauge('nodejs_eventloop_utilization', 'Share of time that the event loop was busy since the last collection.', () => {
    const before = loop;
    loop = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(loop, before).utilization;
  });
  gauge('nodejs_eventloop_lag_p99_seconds', 'The 99th percentile of the delays of the event loop.', () =>
    finite(delay.percentile(99) / 1e9),
  );
  gauge('nodejs_eventloop_lag_max_seconds', 'The longest delay of the event loop since the last collection.', () => {
    const longest = finite(delay.max / 1e9);
    delay.reset();
    return longest;
  });
  return () => void delay.disable();
}

/** Zero for NaN and infinity, which a histogram without samples gives. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
