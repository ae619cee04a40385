import { expect, test } from 'vitest';
import { watchWaking } from './watch-waking.ts';

function page() {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' as DocumentVisibilityState });
  const told: string[] = [];
  const connection = {
    probe: async () => void told.push('probe'),
    setOffline: (isOffline: boolean) => void told.push(isOffline ? 'offline' : 'online'),
  };
  const stop = watchWaking({ window, document } as never, connection);
  return { window, document, told, stop };
}

test('coming to the front, out of the cache and back online each probe the connection', () => {
  const { window, document, told } = page();
  document.dispatchEvent(new Event('visibilitychange'));
  window.dispatchEvent(new Event('pageshow'));
  window.dispatchEvent(new Event('online'));
  expect(told).toEqual(['probe', 'probe', 'online', 'probe']);
});

test('going to the back does not; losing the network is said at once, and probed', () => {
  const { window, document, told } = page();
  document.visibilityState = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  window.dispatchEvent(new Event('offline'));
  expect(told).toEqual(['offline', 'probe']);
});

test('after the page is gone nothing is watched', () => {
  const { window, told, stop } = page();
  stop();
  window.dispatchEvent(new Event('online'));
  expect(told).toEqual([]);
});
