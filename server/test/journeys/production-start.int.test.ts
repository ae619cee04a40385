import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import type { TestContext } from 'vitest';
import { describe, expect, inject, it } from 'vitest';
import { testDatabaseUri, withDatabase } from '../support/database/test-database.ts';
import { mailbox } from '../support/mailbox.ts';
import { programEnv } from '../support/program-env.ts';
import { startServer } from '../support/server-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const PRODUCTION = { NODE_ENV: 'production', JWT_SECRET: 'a-secret-of-more-than-thirty-two-characters' };
const PUBLIC = { PUBLIC_URL: 'https://tickets.example.org', TRUST_PROXY: '10.0.0.0/8' };
const PASSWORD = 'correct horse battery';

interface Line {
  level: number;
  msg: string;
}

/** The lines of a log, each of which must be a JSON document. */
function linesOf(output: string): Line[] {
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const warningsIn = (output: string) => linesOf(output).filter(({ level }) => level === 40);

async function started(t: TestContext, settings: Record<string, string>) {
  const server = await startServer({ LOG_LEVEL: 'info', ...settings });
  t.onTestFinished(async () => void (await server.end('SIGKILL')));
  const post = (path: string, body: object, headers = {}) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return { ...server, post };
}

describe('a start in production', () => {
  it('without mail, https and a database of its own says so once for all workers, logs nothing of a mail, and asks for a password at its database', async (t) => {
    const dataDir = await tempFolder(t, 'production');
    const settings = { ...PRODUCTION, DATA_DIR: dataDir, MONGOMS_SYSTEM_BINARY: inject('mongodBinary') };
    const server = await started(t, { ...settings, WORKERS: '2' });
    expect(warningsIn(server.output()).map(({ msg }) => msg)).toEqual([
      expect.stringContaining('PUBLIC_URL is not https'),
      expect.stringContaining('SMTP_URL is not set'),
      expect.stringContaining('one copy of the data'),
    ]);
    const email = `alice-${randomUUID()}@example.org`;
    expect((await server.post('/api/auth/register', { name: 'Alice', email, password: PASSWORD })).status).toBe(201);
    expect((await server.post('/api/auth/forgot', { email })).status).toBe(204);
    const unsent = () => linesOf(server.output()).filter(({ msg }) => msg.includes('a mail was not sent'));
    await expect.poll(() => unsent().length, { timeout: 20_000 }).toBe(2);

    const port = await readFile(join(dataDir, 'mongod.port'), 'utf8');
    const stranger = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
    t.onTestFinished(() => stranger.close());
    await expect(stranger.db('frontrow').collection('users').findOne()).rejects.toThrow('requires authentication');
    for (const file of ['mongod.key', 'mongod.password'])
      expect([file, (await stat(join(dataDir, file))).mode & 0o777]).toEqual([file, 0o600]);

    const admin = join(import.meta.dirname, '../../src/cli/admin.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [admin, 'grant', email, '--yes'], {
      cwd: tmpdir(),
      env: programEnv(settings),
    });
    expect(stdout).toContain('is an admin now');
    for (const secret of [email, 'token=', '/verify', await readFile(join(dataDir, 'mongod.password'), 'utf8')])
      expect(server.output()).not.toContain(secret);
    expect(await server.end('SIGTERM')).toBe(0);
  }, 120_000);

  it('is refused with a sentence for each fault if it is strict', async () => {
    const uri = testDatabaseUri();
    const strict = { ...PRODUCTION, STRICT_PRODUCTION: 'on', MONGO_URI: uri };
    const output = await startServer(strict).then(String, String);
    expect(output).toMatch(
      /^Error: The server ended before it was ready:\nPUBLIC_URL is not https[^\n]*\nSMTP_URL[^\n]*\n/,
    );
    expect(output).toContain('STRICT_PRODUCTION is on, so the server does not start.');
    expect(output).not.toMatch(/^\s+at /m);
    await withDatabase(uri, (database) =>
      database
        .collection<{ status: string; sample: boolean }>('events')
        .insertOne({ status: 'published', sample: true }),
    );
    const onlySamples = { ...strict, ...PUBLIC, SMTP_URL: 'smtp://127.0.0.1:1' };
    expect(await startServer(onlySamples).then(String, String)).toMatch(
      /\nEverybody sees 1 sample event:[^\n]*\nSTRICT/,
    );
  }, 120_000);

  it('with all settings of a public site is strict and ready, names its version, and writes no secret into its log', async (t) => {
    const box = await mailbox(t);
    const uri = testDatabaseUri();
    const strict = { ...PRODUCTION, ...PUBLIC, STRICT_PRODUCTION: 'on', MONGO_URI: uri, SMTP_URL: box.url };
    const server = await started(t, { ...strict, LOG_LEVEL: 'trace', METRICS_TOKEN: 'a-token-for-metrics' });
    const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(linesOf(server.output()).at(-1)?.msg).toMatch(
      new RegExp(`^Frontrow is ready at http://localhost:\\d+ \\(version ${version}.*https://tickets\\.example\\.org`),
    );
    const email = `bob-${randomUUID()}@example.org`;
    const registered = await server.post('/api/auth/register', { name: 'Bob', email, password: PASSWORD });
    const { token } = (await registered.json()) as { token: string };
    const cookie = registered.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
    expect((await server.post('/api/auth/login', { email, password: `${PASSWORD} wrong` })).status).toBe(401);
    await server.post('/api/auth/verify/send', {}, { cookie: cookie.join('; ') });
    expect((await server.post('/api/auth/forgot', { email })).status).toBe(204);
    const { text } = await box.mail(email, /password/i);
    const link = /\?token=([\w-]+)/.exec(text)?.[1] ?? '';
    expect((await server.post(`/api/auth/reset?token=${link}`, { token: link, next: `${PASSWORD} new` })).status).toBe(
      204,
    );
    await fetch(`${server.url}/metrics`, { headers: { authorization: 'Bearer a-token-for-metrics' } });
    await fetch(`${server.url}/events?session=${token}`, { headers: { authorization: `Bearer ${token}` } });
    const answered = () => server.output().split('Request answered').length - 1;
    await expect.poll(answered, { timeout: 20_000 }).toBeGreaterThanOrEqual(7);
    const secrets = [PASSWORD, token, link, email, 'a-token-for-metrics', PRODUCTION.JWT_SECRET, ...cookie];
    expect(secrets.every((secret) => secret.length > 10)).toBe(true);
    for (const secret of secrets) expect(server.output()).not.toContain(secret);
    expect(await server.end('SIGTERM')).toBe(0);
  }, 120_000);
});
