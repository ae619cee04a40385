import { describe, expect, it } from 'vitest';
import { createPace } from './pace.ts';

/** A pace on clocks that the test moves. */
function handPace() {
  const clocks = { nowMs: 0, processorMs: 0 };
  const pace = createPace({
    monotonic: () => clocks.nowMs,
    processorMs: () => clocks.processorMs,
  });
  return {
    pace,
    /** A frame that takes this much of the processor. */
    frame(costMs: number): void {
      pace.begin();
      pace.spend(() => {
        clocks.nowMs += costMs;
        clocks.processorMs += costMs;
      });
    },
    /** Time passes, of which other tasks use a part of the processor. */
    pass(ms: number, othersLoad = 0): void {
      clocks.nowMs += ms;
      clocks.processorMs += ms * othersLoad;
    },
    clocks,
  };
}

describe('the interval between two frames of seats', () => {
  it('is four times what the last frame cost, on a server that does nothing else', () => {
    const { pace, frame, pass } = handPace();
    expect(pace.intervalMs).toBe(0);
    frame(10);
    expect(pace.intervalMs).toBe(40);
    pass(30);
    frame(0);
    expect(pace.intervalMs).toBeCloseTo(0);
  });

  it('grows with the load of the other tasks, so that a busy server keeps its time for them', () => {
    const { pace, frame, pass } = handPace();
    frame(10);
    pass(90, 0.8);
    frame(10);
    // Of the last 100 ms the others took 72: frames may take a quarter of what they left.
    expect(pace.intervalMs).toBeCloseTo(10 / (0.28 / 4));
  });

  it('is never longer than a second', () => {
    const { pace, frame } = handPace();
    frame(5_000);
    expect(pace.intervalMs).toBe(1_000);
  });

  it('makes up for a frame that did not wait', () => {
    const { pace, frame, pass } = handPace();
    frame(10);
    pass(10);
    frame(10);
    // 20 ms after the first frame began a quarter of that time is made up for.
    expect(pace.intervalMs).toBeCloseTo((10 - 5 + 10) * 4);
  });

  it('counts the slices of one frame together', () => {
    const { pace, clocks } = handPace();
    pace.begin();
    for (let slice = 0; slice < 5; slice += 1) pace.spend(() => void (clocks.processorMs += 2));
    expect(pace.intervalMs).toBe(40);
  });

  it('lets frames take a quarter of the processor at most, whatever they cost', () => {
    const { pace, frame, clocks } = handPace();
    for (const costMs of [20, 3, 80, 41, 7, 100, 12]) {
      frame(costMs);
      clocks.nowMs += Math.max(0, pace.intervalMs - costMs);
    }
    expect(clocks.processorMs / clocks.nowMs).toBeLessThanOrEqual(0.2501);
  });
});

describe('the share of the processor for frames', () => {
  it.each([
    [0, 40],
    [0.5, 80],
    [0.9, 400],
    [1, 800],
    [1.2, 800],
  ])('is beside other tasks with the load %d one for an interval of %d ms', (load, intervalMs) => {
    const { pace, frame, pass } = handPace();
    pass(100, load);
    frame(10);
    expect(pace.intervalMs).toBeCloseTo(intervalMs);
  });
});
