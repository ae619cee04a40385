import type { Scheduling } from './fan-out.ts';

/** The clocks and the scheduler of this process, for the fan-out. */
export const PROCESS_SCHEDULING: Omit<Scheduling, 'monotonic'> = {
  processorMs() {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  },
  inNextTurn(run) {
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  },
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
