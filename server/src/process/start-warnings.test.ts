import { expect, test } from 'vitest';
import { readConfig } from '#server/config.ts';
import { startupWarnings } from './start-warnings.ts';

const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET: 'a-secret-of-more-than-thirty-two-characters',
  PUBLIC_URL: 'https://tickets.example.org',
  TRUST_PROXY: '10.0.0.0/8',
  SMTP_URL: 'smtp://mail.example.org',
};

test.each<[string, Record<string, string>, string]>([
  ['no proxy is trusted', { TRUST_PROXY: '' }, 'TRUST_PROXY'],
  ['the public address is not https', { PUBLIC_URL: 'http://tickets.example.org' }, 'PUBLIC_URL is not https'],
  ['there is no public address', { PUBLIC_URL: '' }, 'PUBLIC_URL is not https'],
  ['there is no mail server', { SMTP_URL: '' }, 'SMTP_URL'],
  ['rate limits are off', { RATE_LIMITS: 'off' }, 'RATE_LIMITS'],
])('a start in production warns if %s', (_case, settings, named) => {
  expect(startupWarnings(readConfig({ ...PRODUCTION, ...settings }))).toEqual([expect.stringContaining(named)]);
});

test('a start warns of nothing with all settings of a public site, or without production', () => {
  expect(startupWarnings(readConfig(PRODUCTION))).toEqual([]);
  expect(startupWarnings(readConfig({}))).toEqual([]);
});
