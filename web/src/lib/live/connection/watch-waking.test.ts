import { expect, test } from 'vitest';
import { watchWaking } from './watch-waking.ts';

function page() {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' as DocumentVisibilityState });
  const calls: string[] = [];
  const connection = {
    probe: async () => void calls.push('probe'),
    setOffline: (isOffline: boolean) => void calls.push(isOffline ? 'offline' : 'online'),
  };
  const stop = watchWaking({ window, document } as never, connection);
  return { window, document, calls, stop };
}

test('becoming visible, leaving the back/forward cache and going online each probe the connection', () => {
  const { window, document, calls } = page();
  document.dispatchEvent(new Event('visibilitychange'));
  window.dispatchEvent(new Event('pageshow'));
  window.dispatchEvent(new Event('online'));
  expect(calls).toEqual(['probe', 'probe', 'online', 'probe']);
});

test('going offline is reported and probes the connection, becoming hidden does not', () => {
  const { window, document, calls } = page();
  document.visibilityState = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  window.dispatchEvent(new Event('offline'));
  expect(calls).toEqual(['offline', 'probe']);
});

test('a stopped watch ignores the browser’s events', () => {
  const { window, calls, stop } = page();
  stop();
  window.dispatchEvent(new Event('online'));
  expect(calls).toEqual([]);
});
