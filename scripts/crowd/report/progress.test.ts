import { afterEach, describe, expect, test, vi } from 'vitest';
import { showProgress } from './progress.ts';

const PROGRESS = { seconds: 12.4, bookingsPerSecond: 1_234.5, freeSeats: 56_789, p99Ms: 8.25 };
const LINE = '12 s   1,235 bookings/s   56,789 seats free   p99 8.3 ms';

afterEach(() => void vi.useRealTimers());

function screen(more: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  return { ...more, written, write: (text: string) => written.push(text) };
}

describe('the progress of a crowd', () => {
  test('is a new line with rate, free seats and latency every five seconds if the output is no terminal', () => {
    vi.useFakeTimers();
    const log = screen({});
    const progress = showProgress(log, () => PROGRESS);
    vi.advanceTimersByTime(10_000);
    progress.end();
    vi.advanceTimersByTime(10_000);
    expect(log.written).toEqual([`${LINE}\n`, `${LINE}\n`]);
  });

  test('is one line on a terminal, cut to its width and erased at the end', () => {
    vi.useFakeTimers();
    const terminal = screen({ isTTY: true, columns: 20 });
    const progress = showProgress(terminal, () => PROGRESS);
    vi.advanceTimersByTime(500);
    progress.end();
    expect(terminal.written).toEqual([`\r${LINE.slice(0, 19)}\x1b[K`, '\r\x1b[K']);
  });
});
