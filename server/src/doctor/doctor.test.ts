import { describe, expect, test } from 'vitest';
import { appleSettings, googleSettings, passPair } from '../../test/support/wallet/pass-keys.ts';
import { readConfig } from '#server/config.ts';
import type { StripeExamination } from '#server/payments/stripe/examine.ts';
import { WEBHOOK_EVENTS } from '#server/payments/stripe/webhook.ts';
import { judgeClock, judgeRoom, judgeSchema, judgeVersion } from './database.ts';
import type { Finding } from './finding.ts';
import { good, look, wrong } from './finding.ts';
import { judgeMail } from './mail.ts';
import { judgePayments } from './payments.ts';
import { judgeMembers, judgeOplog, judgeWriteConcern } from './replica-set.ts';
import { jsonOf, tableOf } from './report.ts';
import { judgeFiles, judgeMetrics, judgeServer } from './running-server.ts';
import { judgeMode, judgeWarnings } from './settings.ts';
import { judgeWallets } from './wallets.ts';

const PRODUCTION = { NODE_ENV: 'production', JWT_SECRET: 'a-secret-of-more-than-thirty-two-characters' };
const GIB = 1024 ** 3;

const verdicts = (findings: readonly Finding[]) => findings.map(({ verdict }) => verdict);

test.each([
  [0, 'good'],
  [-999, 'good'],
  [1_000, 'look'],
  [-29_999, 'look'],
  [30_000, 'wrong'],
  [-90_000, 'wrong'],
])('a clock that is %i ms ahead of the database is %s', (skewMs, verdict) => {
  expect(judgeClock(skewMs).verdict).toBe(verdict);
});

test.each([
  [0.9, 100, 'wrong'],
  [1, 100, 'look'],
  [4.9, 20, 'look'],
  [9, 100, 'look'],
  [10, 100, 'good'],
])('%f of %i GiB free on the disk is %s', (free, total, verdict) => {
  expect(judgeRoom({ freeBytes: free * GIB, totalBytes: total * GIB }).verdict).toBe(verdict);
});

test.each([
  [0.1, 0.5, 'good'],
  [0.9, 0.95, 'wrong'],
  [1, 0.95, 'look'],
  [24, 0.95, 'good'],
])('an oplog of %f hours of which %f is used is %s', (hours, used, verdict) => {
  expect(judgeOplog({ hours, used }).verdict).toBe(verdict);
});

describe('a replica set', () => {
  const member = (name: string, state: string, optimeSeconds = 100) => ({ name, state, optimeSeconds });

  test.each<[string, ReturnType<typeof member>[], string[]]>([
    ['with all its members is good', [member('a', 'PRIMARY'), member('b', 'SECONDARY', 95)], ['good']],
    ['of one member has one copy', [member('a', 'PRIMARY')], ['look']],
    ['of one member and an arbiter has one copy', [member('a', 'PRIMARY'), member('b', 'ARBITER')], ['look']],
    ['without a primary sells nothing', [member('a', 'SECONDARY'), member('b', 'RECOVERING')], ['wrong']],
    [
      'with a member down and one behind',
      [member('a', 'PRIMARY'), member('b', '(not reachable/healthy)'), member('c', 'SECONDARY', 80)],
      ['wrong', 'look'],
    ],
  ])('%s', (_what, members, expected) => {
    expect(verdicts(judgeMembers(members))).toEqual(expected);
  });

  test.each<[string, Parameters<typeof judgeWriteConcern>[0], string]>([
    ['nothing set', { set: undefined, connection: undefined, majorityJournals: true }, 'good'],
    ['a majority', { set: { w: 'majority' }, connection: undefined, majorityJournals: true }, 'good'],
    ['one member', { set: { w: 1 }, connection: undefined, majorityJournals: true }, 'look'],
    ['none by the connection', { set: { w: 'majority' }, connection: { w: 0 }, majorityJournals: true }, 'wrong'],
    ['no journal', { set: undefined, connection: { w: 'majority', j: false }, majorityJournals: true }, 'wrong'],
    ['a majority without a journal', { set: undefined, connection: undefined, majorityJournals: false }, 'wrong'],
  ])('whose writes wait for %s is judged', (_what, concern, verdict) => {
    expect(judgeWriteConcern(concern).verdict).toBe(verdict);
  });

  test('runs a tested version of MongoDB, or deserves a look', () => {
    expect([judgeVersion('6.0.5').verdict, judgeVersion('8.0.1').verdict]).toEqual(['good', 'look']);
  });

  test('whose collections lack something is wrong, a finding each', () => {
    expect(verdicts(judgeSchema([]))).toEqual(['good']);
    expect(verdicts(judgeSchema(['create an index', 'change a validator']))).toEqual(['wrong', 'wrong']);
  });
});

describe('mail', () => {
  test.each<[string, Record<string, string>, string | null, string]>([
    ['missing in production', PRODUCTION, null, 'wrong'],
    ['missing elsewhere', {}, null, 'good'],
    ['that answers', { SMTP_URL: 'smtp://a.example', MAIL_FROM: 'a@a.example' }, null, 'good'],
    ['without a sender', { SMTP_URL: 'smtp://a.example' }, null, 'look'],
    ['that refuses', { SMTP_URL: 'smtp://a.example', MAIL_FROM: 'a@a.example' }, 'Invalid login', 'wrong'],
  ])('%s', (_what, env, failure, verdict) => {
    expect(judgeMail(readConfig(env), failure).verdict).toBe(verdict);
  });
});

describe('the keys of wallets', () => {
  const HTTPS = { PUBLIC_URL: 'https://tickets.example.org' };
  const pair = (options: Parameters<typeof passPair>[0]) => {
    const { cert, key } = passPair(options);
    return { ...HTTPS, ...appleSettings(), APPLE_PASS_CERT: cert, APPLE_PASS_KEY: key };
  };
  const broken = appleSettings().APPLE_PASS_KEY.replace(/\n\w{10}/, '\nAAAAAAAAAA');

  test.each<[string, Record<string, string>, string[]]>([
    ['that are not there', {}, ['good']],
    ['of both', { ...HTTPS, ...appleSettings(), ...googleSettings() }, ['good', 'good']],
    ['on a site without https', appleSettings(), ['good', 'look']],
    ['of another certificate', { ...appleSettings(), ...HTTPS, APPLE_PASS_KEY: passPair().key }, ['wrong']],
    ['that cannot be read', { ...appleSettings(), ...HTTPS, APPLE_PASS_KEY: broken }, ['wrong']],
    ['of another pass type and team', pair({ passTypeId: 'pass.other', teamId: 'Z9Z9Z9Z9Z9' }), ['wrong', 'wrong']],
    ['whose certificate ends soon', pair({ days: 20 }), ['look']],
    ['whose certificate has ended', pair({ days: -0.5 }), ['wrong']],
    ['of an issuer that is not Apple’s', { ...HTTPS, ...appleSettings(), APPLE_WWDR_CERT: passPair().cert }, ['wrong']],
    ['of Google that cannot be read', { ...googleSettings(), GOOGLE_WALLET_KEY: broken }, ['wrong']],
  ])('%s', (_what, env, expected) => {
    expect(verdicts(judgeWallets(readConfig(env), new Date()))).toEqual(expected);
  });
});

describe('payments', () => {
  const URL = 'https://tickets.example.org/api/webhooks/stripe';
  const STRIPE = { PAYMENTS: 'stripe', STRIPE_SECRET_KEY: 'sk_live_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' };
  const PUBLIC = { ...PRODUCTION, ...STRIPE, PUBLIC_URL: 'https://tickets.example.org' };
  const withEndpoints = (...endpoints: NonNullable<StripeExamination['endpoints']>): StripeExamination => ({
    keyFailure: null,
    endpoints,
  });
  const all = { url: URL, isEnabled: true, events: WEBHOOK_EVENTS };

  test.each<[string, Record<string, string>, StripeExamination | null, string[]]>([
    ['of the demo are good in development', {}, null, ['good']],
    ['of the demo move no money in production', { ...PRODUCTION, PAYMENTS: 'demo' }, null, ['look']],
    ['that are not set refuse prices in production', PRODUCTION, null, ['look']],
    ['by Stripe with a webhook', PUBLIC, withEndpoints(all), ['good', 'good']],
    ['by Stripe with a webhook for all events', PUBLIC, withEndpoints({ ...all, events: ['*'] }), ['good', 'good']],
    [
      'by Stripe whose webhook lacks events',
      PUBLIC,
      withEndpoints({ ...all, events: ['refund.created'] }),
      ['good', 'wrong'],
    ],
    ['by Stripe whose webhook is disabled', PUBLIC, withEndpoints({ ...all, isEnabled: false }), ['good', 'wrong']],
    ['by Stripe whose webhook goes elsewhere', PUBLIC, withEndpoints({ ...all, url: `${URL}/` }), ['good', 'wrong']],
    ['by Stripe whose webhooks cannot be read', PUBLIC, { keyFailure: null, endpoints: null }, ['good', 'look']],
    ['by Stripe without a public address', { ...PUBLIC, PUBLIC_URL: '' }, withEndpoints(all), ['good', 'look']],
    ['by Stripe whose key is refused', PUBLIC, { keyFailure: 'Invalid API Key', endpoints: null }, ['wrong']],
    [
      'by Stripe with a key for tests',
      { ...PUBLIC, STRIPE_SECRET_KEY: 'sk_test_1' },
      withEndpoints(all),
      ['look', 'good'],
    ],
  ])('%s', (_what, env, stripe, expected) => {
    expect(verdicts(judgePayments(readConfig(env), stripe))).toEqual(expected);
  });
});

describe('the running server', () => {
  const own = { version: '1.2.0', commit: 'abcdef012345' };
  const server = (samples: [string, number][] | null, health = { isReady: true, build: own, details: {} }) => ({
    address: 'http://localhost:5000',
    health,
    metrics: samples && new Map(samples),
  });
  const none = { address: 'http://localhost:5000', health: null, metrics: null };

  test('is good if it is ready and of this version', () => {
    expect(judgeServer(server([]), own).verdict).toBe('good');
    expect(judgeServer(server([]), { ...own, commit: null }).verdict).toBe('look');
    expect(judgeServer(none, own).verdict).toBe('look');
    const details = { database: true, changeFeed: false, open: true };
    const unready = judgeServer(server([], { isReady: false, build: null as never, details }), own);
    expect(unready).toMatchObject({ verdict: 'wrong', found: 'not ready: changeFeed' });
  });

  test.each<[string, [string, number][] | null, string[]]>([
    ['nothing failed', [['frontrow_jobs{state="failed"}', 0]], ['good']],
    ['jobs failed', [['frontrow_jobs{state="failed"}', 2]], ['look']],
    ['jobs are late', [['frontrow_jobs_oldest_seconds{kind="tell-moved"}', 601]], ['look']],
    ['lines were lost', [['frontrow_log_lines_lost_total', 1]], ['look']],
    ['metrics are refused', null, ['look']],
  ])('is judged by its metrics: %s', (_what, samples, expected) => {
    expect(verdicts(judgeMetrics(server(samples)))).toEqual(expected);
    expect(judgeMetrics(none)).toEqual([]);
  });

  test('has a limit of open files, the lowest of its processes, or that of the program', () => {
    const workers = server([
      ['process_max_fds{worker="1"}', 65_536],
      ['process_max_fds{worker="2"}', 1_000],
    ]);
    expect(judgeFiles(workers, 65_536)).toMatchObject({ verdict: 'wrong', found: '1000 of the server' });
    expect(judgeFiles(none, 9_999)).toMatchObject({ verdict: 'look', found: '9999 of this program' });
    expect(judgeFiles(none, 10_000).verdict).toBe('good');
    expect(judgeFiles(none, null).verdict).toBe('good');
  });
});

test('faults of the settings are wrong, notes deserve a look, and production is named', () => {
  const found = judgeWarnings('settings', { faults: ['No https.'], notes: ['One copy.'] }, 'nothing');
  expect(verdicts(found)).toEqual(['wrong', 'look']);
  expect(judgeWarnings('settings', { faults: [], notes: [] }, 'nothing unsafe')).toEqual([
    good('settings', 'nothing unsafe'),
  ]);
  expect(judgeMode(readConfig({})).verdict).toBe('look');
  expect(judgeMode(readConfig({ ...PRODUCTION, STRICT_PRODUCTION: 'on' })).found).toBe('production, strict');
});

test('findings are printed as a table with their advice, and as JSON', () => {
  const findings = [
    good('disk', '9 GiB free'),
    look('oplog', '2 hours', 'Enlarge it.'),
    wrong('mail', 'none', 'Set it.'),
  ];
  expect(tableOf(findings)).toBe(
    [
      'good   disk   9 GiB free',
      'look   oplog  2 hours',
      '              → Enlarge it.',
      'wrong  mail   none',
      '              → Set it.',
      '',
      '1 good, 1 to look at, 1 wrong',
    ].join('\n'),
  );
  expect(JSON.parse(jsonOf(findings))).toEqual({ good: 1, look: 1, wrong: 1, findings });
});
