import { expect, test } from 'vitest';
import type { Failure } from './connection.svelte.ts';
import { isRetryable, KEEP_TRYING_MS, retryDelayMs } from './retry-policy.ts';

const because = (code: Failure['code'], retryAfterMs?: number) =>
  ({ code, message: '', ...(retryAfterMs !== undefined && { retryAfterMs }) }) as Failure;
const lowest = () => 0;
const highest = () => 0.999;

test('only what trying again can settle is tried again', () => {
  for (const code of ['BUSY', 'UNAVAILABLE', 'RATE_LIMITED', 'CONNECTION_LOST'] as const) {
    expect(isRetryable(because(code)), code).toBe(true);
  }
  for (const code of ['SOLD_OUT', 'PRICE_CHANGED', 'LIMIT_EXCEEDED', 'INTERNAL', 'UNAUTHENTICATED'] as const) {
    expect(retryDelayMs(because(code), 1, 0, lowest), code).toBeNull();
  }
});

test('the server’s word on when to come back is kept, never undercut, with jitter on top', () => {
  expect(retryDelayMs(because('BUSY', 4000), 1, 0, lowest)).toBe(4000);
  const delayMs = retryDelayMs(because('BUSY', 4000), 1, 0, highest) ?? 0;
  expect(delayMs).toBeGreaterThan(5900);
  expect(delayMs).toBeLessThanOrEqual(6000);
});

test('without the server’s word pauses grow, up to a limit', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelayMs(because('UNAVAILABLE'), attempt, 0, lowest));
  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  expect(retryDelayMs(because('CONNECTION_LOST'), 7, 0, lowest)).toBe(1000);
});

test('after two minutes nothing more is tried', () => {
  expect(retryDelayMs(because('BUSY', 1000), 9, KEEP_TRYING_MS - 1000, lowest)).toBe(1000);
  expect(retryDelayMs(because('BUSY', 1000), 9, KEEP_TRYING_MS - 999, lowest)).toBeNull();
});
