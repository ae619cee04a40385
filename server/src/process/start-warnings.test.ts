import { expect, test } from 'vitest';
import { ConfigError, readConfig } from '#server/config.ts';
import { settingsWarnings, speakUp } from './start-warnings.ts';

const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET: 'a-secret-of-more-than-thirty-two-characters',
  MONGO_URI: 'mongodb://frontrow:secret@db1.example.org/frontrow?replicaSet=rs0',
  PUBLIC_URL: 'https://tickets.example.org',
  TRUST_PROXY: '10.0.0.0/8',
  SMTP_URL: 'smtp://mail.example.org',
};

test.each<[string, Record<string, string>, string]>([
  ['no proxy is trusted', { TRUST_PROXY: '' }, 'TRUST_PROXY'],
  ['the public address is not https', { PUBLIC_URL: 'http://tickets.example.org' }, 'PUBLIC_URL is not https'],
  ['there is no public address', { PUBLIC_URL: '' }, 'PUBLIC_URL is not https'],
  ['there is no mail server', { SMTP_URL: '' }, 'SMTP_URL'],
  ['samples are wanted', { DEMO_DATA: 'on' }, 'DEMO_DATA is on'],
  ['samples may be made', { DEMO_DATA: 'auto' }, 'DEMO_DATA is auto'],
  ['rate limits are off', { RATE_LIMITS: 'off' }, 'RATE_LIMITS'],
])('a start in production finds a fault if %s', (_case, settings, named) => {
  const found = settingsWarnings(readConfig({ ...PRODUCTION, ...settings }));
  expect(found).toEqual({ faults: [expect.stringContaining(named)], notes: [] });
});

test('a start in production says the limits of the embedded database, which is no fault', () => {
  const found = settingsWarnings(readConfig({ ...PRODUCTION, MONGO_URI: '' }));
  expect(found).toEqual({ faults: [], notes: [expect.stringContaining('one copy of the data')] });
});

test('a start warns of nothing with all settings of a public site, or without production', () => {
  expect(settingsWarnings(readConfig(PRODUCTION))).toEqual({ faults: [], notes: [] });
  expect(settingsWarnings(readConfig({}))).toEqual({ faults: [], notes: [] });
});

test('each warning of a start is a line, and a strict start ends with the faults instead', () => {
  const lines: string[] = [];
  const log = { warn: (line: unknown) => void lines.push(String(line)) };
  const warnings = { faults: ['No mail.', 'No https.'], notes: ['One copy.'] };
  speakUp(warnings, { strictProduction: false }, log);
  expect(lines).toEqual(['No mail.', 'No https.', 'One copy.']);
  const strict = () => speakUp(warnings, { strictProduction: true }, log);
  expect(strict).toThrow(ConfigError);
  expect(strict).toThrow('No mail.\nNo https.\nSTRICT_PRODUCTION is on, so the server does not start.');
  speakUp({ faults: [], notes: ['One copy.'] }, { strictProduction: true }, log);
  expect(lines).toHaveLength(4);
});
