import { expect, onTestFinished, test, vi } from 'vitest';
import { watchEventLoop } from './event-loop.ts';

test('the figures of the event loop are those of the last whole ten seconds, however often they are read', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const loop = watchEventLoop();
  onTestFinished(loop.stop);
  expect(loop.figures).toEqual({ utilization: 0, p99Seconds: 0, longestSeconds: 0 });
  vi.advanceTimersByTime(10_000);
  const { figures } = loop;
  expect(figures.utilization).toBeGreaterThan(0);
  vi.advanceTimersByTime(9_999);
  expect(loop.figures).toBe(figures);
  vi.advanceTimersByTime(1);
  expect(loop.figures).not.toBe(figures);
  const last = loop.figures;
  loop.stop();
  vi.advanceTimersByTime(20_000);
  expect(loop.figures).toBe(last);
});
