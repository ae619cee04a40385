import { expect, test } from 'vitest';
import { redacted } from './redact.ts';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI2NTYifQ.c2lnbmF0dXJl';

test.each([
  [
    'the password of a database',
    'connect mongodb://root:se-cret@db1/x failed',
    'connect mongodb://[secret]@db1/x failed',
  ],
  [
    'the password of a mail server',
    'smtps://me:se-cret@mail.example.org refused',
    'smtps://[secret]@mail.example.org refused',
  ],
  ['a field', '{"password":"se-cret","name":"a"}', '{"password":"[secret]","name":"a"}'],
  ['a field with a quotation mark', '{"password":"se\\"cret","name":"a"}', '{"password":"[secret]","name":"a"}'],
  ['a header', '{"authorization":"Basic c2UtY3JldA==","via":"1.1 a"}', '{"authorization":"[secret]","via":"1.1 a"}'],
  [
    'a field in a quoted document',
    '{"msg":"{\\"resetToken\\":\\"se-cret\\"}"}',
    '{"msg":"{\\"resetToken\\":\\"[secret]\\"}"}',
  ],
  ['a code of six digits', '{"code":"123456"}', '{"code":"[secret]"}'],
  ['a bearer', 'Authorization: Bearer se-cret-metrics', 'Authorization: Bearer [secret]'],
  ['a cookie', 'session=se-cret; device=se-cret.1', 'session=[secret]; device=[secret]'],
  ['the token of a session', `token ${TOKEN} is over`, 'token [secret] is over'],
  ['the keys of a provider', 'Invalid API Key: sk_live_se0cret, whsec_se0cret', 'Invalid API Key: [secret], [secret]'],
  [
    'a link that sets a password',
    'https://a.example/reset?token=se-cret&x=1',
    'https://a.example/reset?token=[secret]&x=1',
  ],
  [
    'a link that opens a ticket',
    'GET https://a.example/de/t/1ZfDA_-4BI0VniavN.abcdefghijklmnopqrstuvwx failed',
    'GET https://a.example/de/t/[secret] failed',
  ],
  ['an address', 'dup key: { email: "alice@example.org" }', 'dup key: { email: "[address]" }'],
  ['an address in an international domain', 'to <björn@münchen.example>', 'to <[address]>'],
])('a log line is written without %s', (_what, line, expected) => {
  expect(redacted(line)).toBe(expected);
  expect(redacted(redacted(line))).toBe(expected);
});

test('a log line keeps ids, error codes, addresses of servers and the paths of packages', () => {
  const line =
    '{"level":50,"requestId":"7b1f4d0e-6f1c-4a53-9f0e-0f5a1f9c7a11","bookingId":"6560a1b2c3d4e5f601234567","code":"ECONNREFUSED",' +
    '"err":{"stack":"at /app/node_modules/@fastify/cookie/plugin.js:1:2 127.0.0.1:27017 https://tickets.example.org/events"}}';
  expect(redacted(line)).toBe(line);
});
