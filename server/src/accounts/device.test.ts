import { expect, test } from 'vitest';
import { deviceOf } from './device.ts';

test('a browser is named with its system', () => {
  const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)';
  const expected: [string, string][] = [
    [`Mozilla/5.0 (Linux; Android 14; Pixel 8) ${webKit} Chrome/131.0.0.0 Mobile Safari/537.36`, 'Chrome, Android'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/131.0 Safari/537.36 Edg/131.0`, 'Edge, Windows'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0', 'Firefox, macOS'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1',
      'Safari, iPhone',
    ],
  ];
  for (const [userAgent, device] of expected) expect(deviceOf(userAgent)).toBe(device);
});

test('another client is named by its first word, a silent one not at all', () => {
  expect(deviceOf('python-requests/2.32 (x)')).toBe('python-requests');
  expect([deviceOf(undefined), deviceOf(''), deviceOf('<script>')]).toEqual(['', '', '']);
  expect(deviceOf('x'.repeat(9_000))).toHaveLength(40);
});
