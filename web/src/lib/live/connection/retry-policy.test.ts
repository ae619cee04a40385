import { expect, test } from 'vitest';
import type { Failure } from './connection.svelte.ts';
import { isRetryable, RETRY_FOR_MS, retryDelayMs } from './retry-policy.ts';

const failureOf = (code: Failure['code'], retryAfterMs?: number) =>
  ({ code, message: '', ...(retryAfterMs !== undefined && { retryAfterMs }) }) as Failure;
const lowest = () => 0;
const highest = () => 0.999;

test('BUSY, UNAVAILABLE, RATE_LIMITED and CONNECTION_LOST are retried, a refusal by the rules is not', () => {
  for (const code of ['BUSY', 'UNAVAILABLE', 'RATE_LIMITED', 'CONNECTION_LOST'] as const) {
    expect(isRetryable(failureOf(code)), code).toBe(true);
  }
  for (const code of ['SOLD_OUT', 'PRICE_CHANGED', 'LIMIT_EXCEEDED', 'INTERNAL', 'UNAUTHENTICATED'] as const) {
    expect(retryDelayMs(failureOf(code), 1, 0, lowest), code).toBeNull();
  }
});

test('a press up to two seconds before the opening of a sale is sent again at the opening, an earlier one is not', () => {
  expect(retryDelayMs(failureOf('SALES_CLOSED', 2_000), 1, 0, lowest)).toBe(2_000);
  expect(retryDelayMs(failureOf('SALES_CLOSED', 2_001), 1, 0, lowest)).toBeNull();
  expect(retryDelayMs(failureOf('SALES_CLOSED'), 1, 0, lowest)).toBeNull();
});

test('a retry is due after retryAfterMs plus at most half of it', () => {
  expect(retryDelayMs(failureOf('BUSY', 4000), 1, 0, lowest)).toBe(4000);
  const delayMs = retryDelayMs(failureOf('BUSY', 4000), 1, 0, highest) ?? 0;
  expect(delayMs).toBeGreaterThan(5900);
  expect(delayMs).toBeLessThanOrEqual(6000);
});

test('without retryAfterMs retry delays double up to 8 s, or 1 s without a connection', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelayMs(failureOf('UNAVAILABLE'), attempt, 0, lowest));
  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  expect(retryDelayMs(failureOf('CONNECTION_LOST'), 7, 0, lowest)).toBe(1000);
});

test('no retry begins later than two minutes after the first attempt', () => {
  expect(retryDelayMs(failureOf('BUSY', 1000), 9, RETRY_FOR_MS - 1000, lowest)).toBe(1000);
  expect(retryDelayMs(failureOf('BUSY', 1000), 9, RETRY_FOR_MS - 999, lowest)).toBeNull();
});
