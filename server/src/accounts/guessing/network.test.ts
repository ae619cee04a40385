import { expect, it } from 'vitest';
import { createRateWindow } from '../rate-window.ts';
import { networkOf } from './network.ts';

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('the address %s belongs to the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

it('a rate window starts with its first count, and all its counts end together', () => {
  let at = 0;
  const window = createRateWindow({ max: 2, windowMs: 1_000, now: () => new Date(at) });
  expect(window.waitMs('a')).toBe(0);
  window.count('a');
  at = 600;
  window.count('a');
  expect([window.waitMs('a'), window.waitMs('b')]).toEqual([400, 0]);
  at = 1_000;
  expect(window.waitMs('a')).toBe(0);
  window.count('a');
  expect(window.waitMs('a')).toBe(0);
});
