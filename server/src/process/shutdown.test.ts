import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createShutdown } from './shutdown.ts';

function setup() {
  const codes: number[] = [];
  const lines: unknown[] = [];
  const host = Object.assign(new EventEmitter(), { exit: (code: number) => void codes.push(code) });
  const kills: number[] = [];
  const note = (...line: unknown[]) => void lines.push(line);
  const shutdown = createShutdown({
    host,
    log: { info: note, error: note, fatal: note },
    monotonic: () => Date.now(),
    killAfter: (ms) => void kills.push(ms),
  });
  return { host, shutdown, codes, lines, kills };
}

const never = () => new Promise<void>(() => undefined);

describe('[F12] the shutdown of the process', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test('closes everything in reverse order after a signal, then exits with 0', async () => {
    const { host, shutdown, codes } = setup();
    const closed: string[] = [];
    shutdown.defer(async () => void closed.push('database'));
    shutdown.defer(async () => void closed.push('app'));
    host.emit('SIGTERM');
    await vi.runAllTimersAsync();
    expect(closed).toEqual(['app', 'database']);
    expect(codes).toEqual([0]);
  });

  test('treats one Ctrl-C that arrives several times as one signal', async () => {
    const { host, shutdown, codes } = setup();
    shutdown.defer(() => new Promise((resolve) => setTimeout(resolve, 3_000)));
    host.emit('SIGINT');
    await vi.advanceTimersByTimeAsync(400);
    host.emit('SIGINT');
    host.emit('SIGTERM');
    expect(codes).toEqual([]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(codes).toEqual([0]);
  });

  test('exits at once with 1 after a second signal', async () => {
    const { host, shutdown, codes } = setup();
    shutdown.defer(never);
    host.emit('SIGTERM');
    await vi.advanceTimersByTimeAsync(600);
    host.emit('SIGTERM');
    expect(codes).toEqual([1]);
  });

  test('gives up within 10 s on a step that hangs', async () => {
    const { host, shutdown, codes } = setup();
    shutdown.defer(never);
    host.emit('SIGTERM');
    await vi.advanceTimersByTimeAsync(9_400);
    expect(codes).toEqual([]);
    await vi.advanceTimersByTimeAsync(600);
    expect(codes).toEqual([1]);
  });

  test('logs a step that fails with its cause, and exits with 1', async () => {
    const { host, shutdown, codes, lines } = setup();
    const cause = new Error('disk gone');
    shutdown.defer(() => Promise.reject(cause));
    host.emit('SIGTERM');
    await vi.runAllTimersAsync();
    expect(codes).toEqual([1]);
    expect(lines).toContainEqual([{ err: cause }, 'Closing failed']);
  });

  test.each(['uncaughtException', 'unhandledRejection'])(
    '[I8] logs an %s, closes everything and exits with 1',
    async (event) => {
      const { host, shutdown, codes, lines } = setup();
      const close = vi.fn(async () => undefined);
      shutdown.defer(close);
      const defect = new Error('oops');
      host.emit(event, defect);
      await vi.runAllTimersAsync();
      expect(close).toHaveBeenCalledOnce();
      expect(lines[0]).toEqual([{ err: defect }, 'An uncaught defect; ending.']);
      expect(codes).toEqual([1]);
    },
  );

  test.each(['SIGTERM', 'uncaughtException'])('has the process killed within 10 s of a %s, once', (event) => {
    const { host, shutdown, kills } = setup();
    shutdown.defer(never);
    host.emit(event, new Error('oops'));
    host.emit('SIGTERM');
    expect(kills).toEqual([9_900]);
  });

  test('ends the server when the start script ends', async () => {
    const { host, codes } = setup();
    host.emit('disconnect');
    await vi.runAllTimersAsync();
    expect(codes).toEqual([0]);
  });
});
