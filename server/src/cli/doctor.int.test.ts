import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { Finding } from '#server/doctor/finding.ts';
import { WEBHOOK_EVENTS } from '#server/payments/stripe/webhook.ts';
import { guardedMongod } from '../../test/support/database/guarded-mongod.ts';
import { mailbox } from '../../test/support/mailbox.ts';
import { programEnv } from '../../test/support/program-env.ts';
import { SECRET_KEY, startStandIn } from '../../test/support/stripe/stand-in.ts';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { testApp } from '../../test/support/test-app.ts';

const PROGRAM = join(import.meta.dirname, 'doctor.ts');
const PUBLIC_URL = 'https://tickets.example.org';
const PRODUCTION = { NODE_ENV: 'production', JWT_SECRET: 'a-secret-of-more-than-thirty-two-characters' };
const TOKEN = 'a-token-for-metrics';

let mongod: Awaited<ReturnType<typeof guardedMongod>>;
beforeAll(async () => {
  mongod = await guardedMongod();
  return () => mongod.stop();
}, 60_000);

/** Runs `npm run doctor` in an empty folder. */
function doctor(env: Record<string, string>, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { cwd: tmpdir(), env: programEnv(env) };
    execFile(process.execPath, [PROGRAM, ...args], options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: `${stdout}${stderr}` }),
    );
  });
}

async function findingsOf(env: Record<string, string>) {
  const { code, output } = await doctor(env, '--json');
  const { findings } = JSON.parse(output) as { findings: Finding[] };
  const of = (check: string) => findings.filter((finding) => finding.check === check);
  return { code, findings, of, verdict: (check: string) => of(check).map((finding) => finding.verdict) };
}

describe('npm run doctor', () => {
  it('finds nothing wrong with a strict production server, whose user may read the state of the set', async (t) => {
    const [box, stripe] = [await mailbox(t), await startStandIn()];
    t.onTestFinished(() => stripe.close());
    stripe.listEndpoints([
      { url: `${PUBLIC_URL}/api/webhooks/stripe`, status: 'enabled', enabled_events: [...WEBHOOK_EVENTS] },
    ]);
    await mongod.root.db('frontrow').dropDatabase();
    const mongoUri = await mongod.userWith({ roles: ['readWrite', 'dbAdmin'], monitors: true });
    const env = {
      ...PRODUCTION,
      STRICT_PRODUCTION: 'on',
      PUBLIC_URL,
      TRUST_PROXY: '10.0.0.0/8',
      METRICS_TOKEN: TOKEN,
      MONGO_URI: mongoUri,
      SMTP_URL: box.url,
      MAIL_FROM: 'Frontrow <tickets@example.org>',
      PAYMENTS: 'stripe',
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_WEBHOOK_SECRET: 'whsec_standin',
      STRIPE_API_BASE: stripe.url,
    };
    const app = await testApp(t, { mongoUri, env, expectsAgreement: false });
    const settings = { ...env, PORT: new URL(app.url).port };
    const { code, findings, of, verdict } = await findingsOf(settings);
    expect([code, findings.filter((finding) => finding.verdict === 'wrong')]).toEqual([0, []]);
    expect(findings.filter((finding) => finding.found.includes('could not be read'))).toEqual([]);
    expect(of('server')).toMatchObject([{ verdict: 'good', found: expect.stringContaining('ready, version') }]);
    for (const check of [
      'mode',
      'settings',
      'database',
      'clock',
      'schema',
      'mail',
      'webhook',
      'oplog',
      'write concern',
    ])
      expect([check, verdict(check)]).toEqual([check, ['good']]);
    expect(of('replica set')).toMatchObject([{ verdict: 'look', found: 'one copy of the data' }]);
    expect(of('payments')).toMatchObject([{ verdict: 'look', found: expect.stringContaining('for tests') }]);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['disk', 'open files', 'jobs', 'MongoDB']),
    );

    await mongod.root.db('frontrow').collection('bookings').dropIndexes();
    stripe.listEndpoints([{ url: `${PUBLIC_URL}/api/webhooks/stripe`, status: 'enabled', enabled_events: [] }]);
    const few = await mongod.userWith({ roles: ['readWrite'] });
    const broken = await findingsOf({ ...settings, MONGO_URI: few, STRIPE_SECRET_KEY: SECRET_KEY });
    expect([broken.code, broken.verdict('webhook'), broken.verdict('database')]).toEqual([1, ['wrong'], ['wrong']]);
    expect(broken.of('schema')[0]).toMatchObject({ verdict: 'wrong', found: expect.stringContaining('bookings') });
    expect(broken.of('oplog')).toMatchObject([{ verdict: 'look', advice: expect.stringContaining('clusterMonitor') }]);
  }, 120_000);

  it('examines everything else if the database cannot be reached, names it, and shows no password', async (t) => {
    const stripe = await startStandIn();
    t.onTestFinished(() => stripe.close());
    stripe.listEndpoints(null);
    const env = {
      ...PRODUCTION,
      PUBLIC_URL,
      PORT: '1',
      MONGO_URI: 'mongodb://frontrow:se-cret@127.0.0.1:1/x?serverSelectionTimeoutMS=500',
      SMTP_URL: 'smtp://me:se-cret@127.0.0.1:1',
      STRIPE_SECRET_KEY: 'sk_test_wrong',
      STRIPE_WEBHOOK_SECRET: 'whsec_standin',
      STRIPE_API_BASE: stripe.url,
    };
    const { code, output } = await doctor(env);
    expect(code).toBe(1);
    expect(output).toMatch(/^wrong {2}database +MONGO_URI cannot be reached/m);
    expect(output).toMatch(/^wrong {2}mail +the mail server refuses/m);
    expect(output).toMatch(/^wrong {2}payments +Stripe refuses the key: Invalid API Key/m);
    expect(output).toMatch(/^wrong {2}settings +PUBLIC_URL is https.*TRUST_PROXY/m);
    expect(output).toMatch(/^look {3}server +no server answers at http:\/\/localhost:1$/m);
    expect(output).toMatch(/\d+ good, \d+ to look at, \d+ wrong\n$/);
    expect(output).not.toContain('se-cret');
    const unreadable = await findingsOf({ ...env, STRIPE_SECRET_KEY: SECRET_KEY });
    expect(unreadable.of('webhook')).toMatchObject([
      { verdict: 'look', found: expect.stringContaining('may not read') },
    ]);
  }, 120_000);

  it('examines the embedded database of a folder, also while no server runs, and finds what a start would make', async (t) => {
    const dataDir = await tempFolder(t, 'doctor');
    const env = { DATA_DIR: dataDir, MONGOMS_SYSTEM_BINARY: inject('mongodBinary'), PORT: '1' };
    const { code, verdict } = await findingsOf(env);
    expect([code, verdict('mode'), verdict('replica set')]).toEqual([1, ['look'], ['look']]);
    expect(new Set(verdict('schema'))).toEqual(new Set(['wrong']));
    const { code: usage, output } = await doctor(env, '--fix');
    expect([usage, output]).toEqual([1, expect.stringContaining('Usage: npm run doctor')]);
  }, 120_000);
});
