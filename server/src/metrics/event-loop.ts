import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

const DELAY_RESOLUTION_MS = 20;
const WINDOW_MS = 10_000;
const NANOSECONDS = 1e9;

/** How busy the event loop was, and how late its timers ran. */
interface LoopFigures {
  /** Share of the time from 0 to 1. */
  utilization: number;
  p99Seconds: number;
  longestSeconds: number;
}

/**
 * The event loop's figures over the last whole ten seconds; zeros in the first ten. Whole windows instead of the time
 * since the last reading, so that they are the same for everyone who reads, however often.
 */
export function watchEventLoop() {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  let loop = performance.eventLoopUtilization();
  let figures: LoopFigures = { utilization: 0, p99Seconds: 0, longestSeconds: 0 };
  // Alone it does not keep a closed application alive.
  const timer = setInterval(endWindow, WINDOW_MS).unref();

  function endWindow(): void {
    const before = loop;
    loop = performance.eventLoopUtilization();
    figures = {
      utilization: performance.eventLoopUtilization(loop, before).utilization,
      p99Seconds: finite(delay.percentile(99) / NANOSECONDS),
      longestSeconds: finite(delay.max / NANOSECONDS),
    };
    delay.reset();
  }

  return {
    get figures(): LoopFigures {
      return figures;
    },
    stop(): void {
      clearInterval(timer);
      delay.disable();
    },
  };
}

/** Zero for NaN and infinity, which a histogram without samples gives. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
