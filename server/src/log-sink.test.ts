import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogSink } from './log-sink.ts';

const LINE = `${'x'.repeat(999)}\n`;
/** One line more than the sink keeps. */
const TOO_MANY = 263;

/** A sink on a disk with this many free bytes. */
function setup(roomBytes: number) {
  const pieces: Buffer[] = [];
  const disk = { roomBytes, writes: 0, text: () => Buffer.concat(pieces).toString() };
  const recovered = vi.fn();
  const sink = createLogSink({
    writeBytes(bytes, done) {
      disk.writes += 1;
      const written = Math.min(bytes.length, disk.roomBytes);
      queueMicrotask(() => {
        pieces.push(bytes.subarray(0, written));
        disk.roomBytes -= written;
        if (written === 0) done(new Error('ENOSPC'), 0);
        else done(null, written);
      });
    },
    recovered,
  });
  return { disk, sink, recovered };
}

describe('the log sink', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test('writes lines in their order, joined while a write is under way', async () => {
    const { disk, sink } = setup(Infinity);
    for (const line of ['a\n', 'ä\n', 'c\n']) sink.addLine(line);
    await sink.finish(1_000);
    expect([disk.text(), disk.writes]).toEqual(['a\nä\nc\n', 2]);
  });

  test('continues a partly written line when there is room again', async () => {
    const { disk, sink, recovered } = setup(5);
    sink.addLine('äöü line\n');
    await sink.finish(1_000);
    expect(sink.isWriting).toBe(false);
    sink.addLine('next\n');
    disk.roomBytes = Infinity;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(disk.text()).toBe('äöü line\nnext\n');
    expect([sink.counts.lost, recovered.mock.calls]).toEqual([0, []]);
  });

  test('keeps the first lines of a failure, counts the lost ones and reports their number afterwards', async () => {
    const { disk, sink, recovered } = setup(0);
    for (let count = 0; count < TOO_MANY; count += 1) sink.addLine(LINE);
    await sink.finish(1_000);
    expect(sink.counts.lost).toBe(1);
    disk.roomBytes = Infinity;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(disk.text()).toBe(LINE.repeat(TOO_MANY - 1));
    expect(recovered.mock.calls).toEqual([[1]]);
  });

  test('tries a failing disk once a second, whatever is logged', async () => {
    const { disk, sink } = setup(0);
    for (let count = 0; count < 50; count += 1) {
      sink.addLine(LINE);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(disk.writes).toBeLessThanOrEqual(6);
  });

  test('waits for an unanswered write no longer than the given time', async () => {
    const sink = createLogSink({ writeBytes: () => undefined, recovered: () => undefined });
    sink.addLine(LINE);
    const finished = sink.finish(300);
    await vi.advanceTimersByTimeAsync(300);
    await finished;
    expect(sink.isWriting).toBe(true);
  });
});
