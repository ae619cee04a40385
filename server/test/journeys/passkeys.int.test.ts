import { describe, expect, it } from 'vitest';
import { ensureConfiguredAdmin } from '#server/accounts/ensure-admin.ts';
import type { User } from '#shared/account.ts';
import type { Passkey, ProvedCredential } from '#shared/accounts/passkey.ts';
import { mailLog } from '../support/mail-log.ts';
import type { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import { softwareAuthenticator } from '../support/software-authenticator.ts';
import type { TestApp, TestAppOptions } from '../support/test-app.ts';
import { book, eventInput, refusalOf, testApp } from '../support/test-app.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ORIGIN = 'https://tickets.example.org';
const ADDRESS = 'mia@example.org';
const PASSWORD = 'correct horse';
const CHROME = { 'user-agent': 'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36' };

type Undoing = Parameters<typeof testApp>[0];
type Headers = Record<string, string>;

interface SignedIn {
  user: User;
  token: string;
}

const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

/** A server at a domain, and Mia, who has just registered there. */
async function passkeyApp(t: Undoing, { env = {}, ...options }: TestAppOptions = {}) {
  const mails = mailLog();
  const app = await testApp(t, { log: mails.log, env: { PUBLIC_URL: ORIGIN, ...env }, ...options });
  const mia = await registered(app);
  return { app, mails, mia, headers: bearer(mia.token), authenticator: softwareAuthenticator() };
}

async function registered(app: TestApp, email = ADDRESS, headers: Headers = {}): Promise<SignedIn> {
  const reply = await app.post('/api/auth/register', { name: 'Mia', email, password: PASSWORD }, headers);
  expect(reply.status).toBe(201);
  return (await reply.json()) as SignedIn;
}

const optionsOf = async <T>(reply: Promise<Response>): Promise<T> => (await (await reply).json()) as T;
type CreationOptions = Parameters<SoftwareAuthenticator['create']>[0];
type RequestOptions = Parameters<SoftwareAuthenticator['get']>[0];

const addOptions = (app: TestApp, headers: Headers, body: object = {}) =>
  optionsOf<CreationOptions>(app.post('/api/auth/passkeys/options', body, headers));
const signInOptions = (app: TestApp) => optionsOf<RequestOptions>(app.post('/api/auth/passkeys/sign-in/options', {}));
const store = (app: TestApp, headers: Headers, credential: object) =>
  app.post('/api/auth/passkeys', { credential }, { ...CHROME, ...headers });
const signInWith = (app: TestApp, credential: object, headers: Headers = {}) =>
  app.post('/api/auth/passkeys/sign-in', { credential }, headers);

async function added(app: TestApp, headers: Headers, authenticator: SoftwareAuthenticator): Promise<Passkey> {
  const credential = authenticator.create(await addOptions(app, headers), { origin: ORIGIN });
  const reply = await store(app, headers, credential);
  expect(reply.status).toBe(201);
  return ((await reply.json()) as { passkey: Passkey }).passkey;
}

async function listed(app: TestApp, headers: Headers): Promise<Passkey[]> {
  return ((await (await app.get('/api/auth/passkeys', headers)).json()) as { passkeys: Passkey[] }).passkeys;
}

async function proof(app: TestApp, authenticator: SoftwareAuthenticator, more: object = {}): Promise<ProvedCredential> {
  return authenticator.get(await signInOptions(app), { origin: ORIGIN, ...more });
}

async function problemOf(reply: Response): Promise<unknown> {
  const { status, code, details } = await refusalOf(reply);
  return [status, code, details?.['passkey']];
}

const refusedFor = (problem: string) => [401, 'UNAUTHENTICATED', problem];

const withBody = (app: TestApp, method: string, path: string, headers: Headers, body: object) =>
  fetch(app.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('a passkey', () => {
  it('is added by a session, and signs in without naming the account; other sessions go on', async (t) => {
    const { app, mia, headers, authenticator } = await passkeyApp(t);
    const options = await addOptions(app, headers);
    expect(options).toMatchObject({
      rp: { id: 'tickets.example.org' },
      user: { name: ADDRESS, displayName: 'Mia' },
      attestation: 'none',
      excludeCredentials: [],
      authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
    });
    expect(Buffer.from(options.user.id, 'base64url').toString('hex')).toBe(mia.user.id);
    const reply = await store(app, headers, authenticator.create(options, { origin: ORIGIN }));
    expect(reply.status).toBe(201);
    const { passkey } = (await reply.json()) as { passkey: Passkey };
    expect(passkey).toEqual({
      id: authenticator.keys[0]?.id,
      device: 'Chrome, Android',
      domain: 'tickets.example.org',
      createdAt: expect.any(String),
      lastUsedAt: null,
    });

    const asked = await signInOptions(app);
    expect(asked).toMatchObject({ rpId: 'tickets.example.org', userVerification: 'preferred' });
    expect(asked.allowCredentials ?? []).toEqual([]);
    const signedIn = await signInWith(app, authenticator.get(asked, { origin: ORIGIN }));
    expect(signedIn.status).toBe(200);
    const { user, token } = (await signedIn.json()) as SignedIn;
    expect(user).toEqual(mia.user);
    expect(signedIn.headers.getSetCookie().map((cookie) => cookie.split('=')[0])).toEqual(['session', 'device']);
    const me = await app.get('/api/auth/me', bearer(token));
    const { expiresAt } = (await me.json()) as { expiresAt: string };
    expect(Math.abs(Date.parse(expiresAt) - app.clock.now().getTime() - 30 * 24 * HOUR_MS)).toBeLessThan(MINUTE_MS);
    expect((await app.get('/api/auth/me', headers)).status).toBe(200);
    expect(await listed(app, headers)).toEqual([{ ...passkey, lastUsedAt: expect.any(String) }]);
    const again = await addOptions(app, headers);
    expect(again.excludeCredentials).toMatchObject([{ id: passkey.id, transports: ['internal'] }]);
  });

  it('gives an admin a session of 12 hours', async (t) => {
    const { app, authenticator } = await passkeyApp(t);
    const admin = await app.admin();
    await added(app, bearer(admin.token), authenticator);
    const { token } = (await (await signInWith(app, await proof(app, authenticator))).json()) as SignedIn;
    const { expiresAt } = (await (await app.get('/api/auth/me', bearer(token))).json()) as { expiresAt: string };
    expect(Math.abs(Date.parse(expiresAt) - app.clock.now().getTime() - 12 * HOUR_MS)).toBeLessThan(MINUTE_MS);
  });

  it('is announced by mail when it is added and when it is removed, and is in the export', async (t) => {
    const { app, mails, headers, authenticator } = await passkeyApp(t);
    expect((await withBody(app, 'PATCH', '/api/auth/me', headers, { locale: 'de' })).status).toBe(200);
    const { id } = await added(app, headers, authenticator);
    const subjects = () => mails.mails.filter(({ to }) => to === ADDRESS).map(({ subject }) => subject);
    await expect.poll(subjects, { timeout: 20_000 }).toContain('Ihr Konto hat einen neuen Passkey');
    const mail = mails.mails.find(({ subject }) => subject === 'Ihr Konto hat einen neuen Passkey');
    expect(mail?.text).toContain('Chrome, Android');
    expect(mail?.text).toContain(`${ORIGIN}/de/account`);
    const data = (await (await app.get('/api/auth/me/export', headers)).json()) as { passkeys: Passkey[] };
    expect(data.passkeys).toEqual(await listed(app, headers));
    expect((await withBody(app, 'DELETE', `/api/auth/passkeys/${id}`, headers, {})).status).toBe(204);
    await expect.poll(subjects, { timeout: 20_000 }).toContain('Ein Passkey Ihres Kontos wurde entfernt');
    expect(await listed(app, headers)).toEqual([]);
    expect(await problemOf(await signInWith(app, await proof(app, authenticator)))).toEqual(refusedFor('unknown'));
  });

  it('belongs to its account: another one can neither see nor remove it', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    const { id } = await added(app, headers, authenticator);
    const other = bearer((await registered(app, 'ben@example.org')).token);
    expect(await listed(app, other)).toEqual([]);
    expect((await withBody(app, 'DELETE', `/api/auth/passkeys/${id}`, other, {})).status).toBe(404);
    expect(await listed(app, headers)).toHaveLength(1);
  });

  it('works without user verification, and with an authenticator that does not count', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    const options = await addOptions(app, headers);
    const made = authenticator.create(options, { origin: ORIGIN, isVerified: false });
    expect((await store(app, headers, made)).status).toBe(201);
    for (let time = 0; time < 3; time += 1) {
      const answer = await proof(app, authenticator, { counter: 0, isVerified: false });
      expect((await signInWith(app, answer)).status).toBe(200);
    }
  });
});

describe('adding a passkey', () => {
  it('needs the password once the session is older than ten minutes', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    const ask = (body: object) => app.post('/api/auth/passkeys/options', body, headers);
    app.clock.pass(10 * MINUTE_MS + 1_000);
    expect(await refusalOf(await ask({}))).toMatchObject({ code: 'FORBIDDEN', details: { password: 'needed' } });
    expect(await refusalOf(await ask({ password: 'battery staple' }))).toMatchObject({
      status: 403,
      code: 'FORBIDDEN',
    });
    const options = (await (await ask({ password: PASSWORD })).json()) as CreationOptions;
    expect((await store(app, headers, authenticator.create(options, { origin: ORIGIN }))).status).toBe(201);
  });

  it('needs a new code where there is no password', async (t) => {
    const { app, mails } = await passkeyApp(t);
    const email = 'coded@example.org';
    const enter = async (count: number): Promise<Headers> => {
      expect((await app.post('/api/auth/code', { email })).status).toBe(204);
      const code = await mails.codeTo(email, count);
      const reply = await app.post('/api/auth/code/verify', { email, code, name: 'Mia' });
      return bearer(((await reply.json()) as SignedIn).token);
    };
    const first = await enter(1);
    app.clock.pass(10 * MINUTE_MS + 1_000);
    const late = await refusalOf(await app.post('/api/auth/passkeys/options', {}, first));
    expect(late).toMatchObject({ status: 403, code: 'FORBIDDEN', details: { code: 'needed' } });
    await added(app, await enter(2), softwareAuthenticator());
  });

  it('is limited to ten for an account, also when they come at once on two servers', async (t) => {
    const { app, headers, mia } = await passkeyApp(t, { env: { RATE_LIMITS: 'off' } });
    const second = await testApp(t, { mongoUri: app.mongoUri, env: { PUBLIC_URL: ORIGIN, RATE_LIMITS: 'off' } });
    const made = await Promise.all(
      Array.from({ length: 13 }, async (_, index) => {
        const one = index % 2 === 0 ? app : second;
        return [one, softwareAuthenticator().create(await addOptions(one, headers), { origin: ORIGIN })] as const;
      }),
    );
    const replies = await Promise.all(made.map(([one, credential]) => store(one, headers, credential)));
    expect(replies.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(10);
    for (const reply of replies.filter(({ status }) => status !== 201))
      expect(await refusalOf(reply)).toMatchObject({ status: 409, code: 'LIMIT_EXCEEDED', details: { limit: 10 } });
    const passkeys = await listed(app, headers);
    expect(passkeys).toHaveLength(10);
    expect((await app.post('/api/auth/passkeys/options', {}, headers)).status).toBe(409);
    await withBody(app, 'DELETE', `/api/auth/passkeys/${passkeys[0]?.id}`, headers, {});
    await added(app, headers, softwareAuthenticator());
    expect(await app.app.models.users.findById(mia.user.id).lean()).toMatchObject({ passkeyCount: 10 });
  });

  it('is limited to twenty in an hour, because each sends a mail', async (t) => {
    const { app, headers } = await passkeyApp(t);
    for (let made = 0; made < 20; made += 1) {
      const { id } = await added(app, headers, softwareAuthenticator());
      expect((await withBody(app, 'DELETE', `/api/auth/passkeys/${id}`, headers, {})).status).toBe(204);
    }
    const credential = softwareAuthenticator().create(await addOptions(app, headers), { origin: ORIGIN });
    expect(await refusalOf(await store(app, headers, credential))).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
  });

  it('takes an answer once, of the session that asked, within ten minutes, from a page of this site', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    const other = bearer((await registered(app, 'ben@example.org')).token);
    const create = async (ceremony: object = {}) =>
      authenticator.create(await addOptions(app, headers), { origin: ORIGIN, ...ceremony });
    const first = await create();
    expect(await problemOf(await store(app, other, first))).toEqual(refusedFor('challenge'));
    const tabs = await Promise.all([store(app, headers, first), store(app, headers, first)]);
    expect(tabs.map(({ status }) => status).sort()).toEqual([201, 401]);
    const evil = await create({ origin: 'https://tickets.example.org.evil.example' });
    expect(await problemOf(await store(app, headers, evil))).toEqual(refusedFor('invalid'));
    const elsewhere = await create({ domain: 'evil.example' });
    expect(await problemOf(await store(app, headers, elsewhere))).toEqual(refusedFor('invalid'));
    const proved = await create({ type: 'webauthn.get' });
    expect(await problemOf(await store(app, headers, proved))).toEqual(refusedFor('invalid'));
    const late = await create();
    app.clock.pass(10 * MINUTE_MS);
    expect(await problemOf(await store(app, headers, late))).toEqual(refusedFor('challenge'));
    expect(await listed(app, headers)).toHaveLength(1);
  });

  it('refuses a credential that some account has already', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    const { id } = await added(app, headers, authenticator);
    const other = bearer((await registered(app, 'ben@example.org')).token);
    const twin = softwareAuthenticator();
    const credential = twin.create(await addOptions(app, other), { origin: ORIGIN });
    const object = Buffer.from(credential.response.attestationObject, 'base64url');
    const at = object.indexOf(Buffer.from(credential.id, 'base64url'));
    Buffer.from(id, 'base64url').copy(object, at);
    const response = { ...credential.response, attestationObject: object.toString('base64url') };
    expect(await refusalOf(await store(app, other, { ...credential, id, rawId: id, response }))).toMatchObject({
      status: 409,
      code: 'INVALID_STATE',
      details: { passkey: 'known' },
    });
    expect((await signInWith(app, await proof(app, authenticator))).status).toBe(200);
  });
});

describe('signing in by a passkey', () => {
  it('takes an answer once, also when it is sent to two servers at once, and none that is older than ten minutes', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    await added(app, headers, authenticator);
    const second = await testApp(t, { mongoUri: app.mongoUri, env: { PUBLIC_URL: ORIGIN } });
    const answer = await proof(app, authenticator);
    const tabs = await Promise.all([app, second, app, second].map((one) => signInWith(one, answer)));
    expect(tabs.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    expect(await problemOf(await signInWith(second, answer))).toEqual(refusedFor('challenge'));
    const late = await proof(app, authenticator);
    app.clock.pass(10 * MINUTE_MS);
    expect(await problemOf(await signInWith(app, late))).toEqual(refusedFor('challenge'));
    app.clock.pass(-10 * MINUTE_MS);
    expect((await signInWith(second, await proof(app, authenticator))).status).toBe(200);
  });

  it('refuses another origin, another domain, an altered signature or challenge, and another account’s handle', async (t) => {
    const { app, headers, mia, authenticator } = await passkeyApp(t);
    await added(app, headers, authenticator);
    const ben = await registered(app, 'ben@example.org');
    const refused = async (change: object, alter: (answer: ProvedCredential) => void = () => undefined) => {
      const answer = await proof(app, authenticator, change);
      alter(answer);
      return problemOf(await signInWith(app, answer));
    };
    expect(await refused({ origin: 'https://evil.example' })).toEqual(refusedFor('invalid'));
    expect(await refused({ origin: `${ORIGIN}:8443` })).toEqual(refusedFor('invalid'));
    expect(await refused({ domain: 'evil.example' })).toEqual(refusedFor('invalid'));
    expect(await refused({ type: 'webauthn.create' })).toEqual(refusedFor('invalid'));
    const signed = await refused({}, ({ response }) => {
      const bytes = Buffer.from(response.signature, 'base64url');
      bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
      response.signature = bytes.toString('base64url');
    });
    expect(signed).toEqual(refusedFor('invalid'));
    const rubbish = await refused({}, ({ response }) => (response.signature = 'AAAA'));
    expect(rubbish).toEqual(refusedFor('invalid'));
    const handle = await refused({}, ({ response }) => {
      response.userHandle = Buffer.from(ben.user.id, 'hex').toString('base64url');
    });
    expect(handle).toEqual(refusedFor('invalid'));
    const own = await refused({}, ({ response }) => {
      const data = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString()) as { challenge: string };
      data.challenge = `${data.challenge[0] === 'A' ? 'B' : 'A'}${data.challenge.slice(1)}`;
      response.clientDataJSON = Buffer.from(JSON.stringify(data)).toString('base64url');
    });
    expect(own).toEqual(refusedFor('challenge'));
    app.clock.pass(15 * MINUTE_MS);
    const { status } = await signInWith(app, await proof(app, authenticator));
    expect(status).toBe(200);
    expect(await app.app.models.sessions.countDocuments({ userId: mia.user.id })).toBe(2);
  });

  it('refuses a copy of it by its counter, also when original and copy come at once', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    await added(app, headers, authenticator);
    expect((await signInWith(app, await proof(app, authenticator, { counter: 7 }))).status).toBe(200);
    for (const counter of [7, 3, 0]) {
      const copy = await proof(app, authenticator, { counter });
      expect(await problemOf(await signInWith(app, copy))).toEqual(refusedFor('counter'));
    }
    const both = [await proof(app, authenticator, { counter: 8 }), await proof(app, authenticator, { counter: 8 })];
    const replies = await Promise.all(both.map((answer) => signInWith(app, answer)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  it('is limited after ten wrong answers for one passkey, and not in a browser that has signed in by it before', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    await added(app, headers, authenticator);
    const first = await signInWith(app, await proof(app, authenticator));
    const cookie = first.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    const wrong = () => proof(app, authenticator, { origin: 'https://evil.example' });
    for (let tried = 0; tried < 10; tried += 1) expect((await signInWith(app, await wrong())).status).toBe(401);
    const refused = await refusalOf(await signInWith(app, await proof(app, authenticator)));
    expect(refused).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    expect((await signInWith(app, await proof(app, authenticator), { cookie })).status).toBe(200);
    app.clock.pass(15 * MINUTE_MS);
    expect((await signInWith(app, await proof(app, authenticator))).status).toBe(200);
  });

  it('is limited for a network that tries many', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    await added(app, headers, authenticator);
    const answer = await proof(app, authenticator);
    const guess = (index: number) => {
      const id = Buffer.from(`guess ${index}`).toString('base64url');
      return signInWith(app, { ...answer, id, rawId: id });
    };
    const replies = await Promise.all(Array.from({ length: 100 }, (_, index) => guess(index)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401]));
    expect((await guess(100)).status).toBe(429);
  });

  it('takes strict input, and nothing from the page of another site', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    await added(app, headers, authenticator);
    const answer = await proof(app, authenticator);
    const { response } = answer;
    const odd = [
      {},
      { credential: null },
      { credential: { ...answer, id: { $ne: null } } },
      { credential: { ...answer, id: '' } },
      { credential: { ...answer, id: 'not base64url!' } },
      { credential: { ...answer, type: 'password' } },
      { credential: { ...answer, response: { ...response, signature: 7 } } },
      { credential: { ...answer, response: { ...response, clientDataJSON: 'A'.repeat(4_001) } } },
      { credential: answer, email: ADDRESS },
    ];
    for (const body of odd)
      expect((await refusalOf(await app.post('/api/auth/passkeys/sign-in', body))).code, JSON.stringify(body)).toBe(
        'INVALID_INPUT',
      );
    const evil = { origin: 'https://evil.example' };
    expect((await signInWith(app, answer, evil)).status).toBe(403);
    expect((await app.post('/api/auth/passkeys/sign-in/options', {}, evil)).status).toBe(403);
    for (const clientDataJSON of [
      'AAAA',
      Buffer.from('null').toString('base64url'),
      Buffer.from('{').toString('base64url'),
    ])
      expect(await problemOf(await signInWith(app, { ...answer, response: { ...response, clientDataJSON } }))).toEqual(
        refusedFor('invalid'),
      );
    expect(await problemOf(await signInWith(app, { ...answer, rawId: 'AAAA' }))).toEqual(refusedFor('invalid'));
    expect((await signInWith(app, answer)).status).toBe(200);
  });

  it('is counted for the metrics by outcome, as mailed codes are', async (t) => {
    const { app, mails, headers, authenticator } = await passkeyApp(t);
    await added(app, headers, authenticator);
    const answer = await proof(app, authenticator);
    for (let sent = 0; sent < 2; sent += 1) await signInWith(app, answer);
    await signInWith(app, await proof(app, authenticator, { origin: 'https://evil.example' }));
    for (let asked = 0; asked < 2; asked += 1) await app.post('/api/auth/code', { email: ADDRESS });
    const code = await mails.codeTo(ADDRESS);
    const wrong = code === '000000' ? '111111' : '000000';
    for (const one of [wrong, code]) await app.post('/api/auth/code/verify', { email: ADDRESS, code: one });
    const figures = async () => {
      const lines = (await (await app.get('/metrics')).text()).split('\n');
      return lines.filter((line) => /^frontrow_(?:mailed_codes|passkey_sign_ins)_total/.test(line));
    };
    const figure = (name: string, result: string, count: number) =>
      `frontrow_${name}_total{result="${result}"} ${count}`;
    await expect
      .poll(figures, { timeout: 20_000 })
      .toEqual(
        expect.arrayContaining([
          figure('passkey_sign_ins', 'signed_in', 1),
          figure('passkey_sign_ins', 'challenge', 1),
          figure('passkey_sign_ins', 'invalid', 1),
          figure('passkey_sign_ins', 'counter', 0),
          figure('mailed_codes', 'requested', 1),
          figure('mailed_codes', 'limited', 1),
          figure('mailed_codes', 'mailed', 1),
          figure('mailed_codes', 'verified', 1),
          figure('mailed_codes', 'refused', 1),
        ]),
      );
  });
});

describe('the domain of passkeys', () => {
  it('is the host that the browser asks while PUBLIC_URL is unset, and none at an IP address', async (t) => {
    const app = await testApp(t);
    const { token } = await registered(app);
    const port = new URL(app.url).port;
    const origin = `http://localhost:${port}`;
    const at = async (host: string, path: string, payload: object, headers: Headers = {}) =>
      app.app.http.inject({ method: 'POST', url: path, payload, headers: { host, ...headers } });
    const authenticator = softwareAuthenticator();
    const host = `localhost:${port}`;
    const options = (await at(host, '/api/auth/passkeys/options', {}, bearer(token))).json<CreationOptions>();
    expect(options.rp.id).toBe('localhost');
    const credential = authenticator.create(options, { origin });
    expect((await at(host, '/api/auth/passkeys', { credential }, bearer(token))).statusCode).toBe(201);
    const asked = (await at(host, '/api/auth/passkeys/sign-in/options', {})).json<RequestOptions>();
    const proved = authenticator.get(asked, { origin });
    expect((await at('other.example', '/api/auth/passkeys/sign-in', { credential: proved })).json()).toMatchObject({
      error: { details: { passkey: 'invalid' } },
    });
    expect((await at(host, '/api/auth/passkeys/sign-in', { credential: proved })).statusCode).toBe(200);
    for (const path of ['/api/auth/passkeys/sign-in/options', '/api/auth/passkeys/options'])
      expect((await at(`127.0.0.1:${port}`, path, {}, bearer(token))).json()).toMatchObject({
        error: { code: 'INVALID_STATE', details: { passkey: 'no_domain' } },
      });
  });
});

describe('an account with a passkey', () => {
  const remove = (app: TestApp, headers: Headers, body: object) =>
    withBody(app, 'DELETE', '/api/auth/me', headers, body);
  const closingOptions = (app: TestApp, headers: Headers) =>
    optionsOf<RequestOptions>(app.post('/api/auth/passkeys/closing/options', {}, headers));

  it('is deleted by it, and it signs in no more', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    const { id } = await added(app, headers, authenticator);
    const options = await closingOptions(app, headers);
    expect(options.allowCredentials).toMatchObject([{ id }]);
    const signIn = await proof(app, authenticator);
    expect(await problemOf(await remove(app, headers, { passkey: signIn }))).toEqual(refusedFor('challenge'));
    const ben = bearer((await registered(app, 'ben@example.org')).token);
    const bens = softwareAuthenticator();
    await added(app, ben, bens);
    const foreign = bens.get(options, { origin: ORIGIN });
    expect(await problemOf(await remove(app, headers, { passkey: foreign }))).toEqual(refusedFor('unknown'));
    const asked = await closingOptions(app, headers);
    const passkey = authenticator.get(asked, { origin: ORIGIN });
    expect(await problemOf(await remove(app, ben, { passkey }))).toEqual(refusedFor('challenge'));
    expect((await refusalOf(await remove(app, headers, { passkey, password: PASSWORD }))).code).toBe('INVALID_INPUT');
    expect((await remove(app, headers, { passkey })).status).toBe(204);
    expect(await app.app.models.users.countDocuments({ email: ADDRESS })).toBe(0);
    expect(await app.app.models.passkeys.countDocuments()).toBe(1);
    expect(await problemOf(await signInWith(app, await proof(app, authenticator)))).toEqual(refusedFor('unknown'));
  });

  it('stays while a booking forbids it, and is deleted by a new answer after that', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    await added(app, headers, authenticator);
    const admin = await app.admin();
    const event = await admin.must('createEvent', eventInput());
    const owner = await app.register('owner');
    const keys = softwareAuthenticator();
    await added(app, bearer(owner.token), keys);
    const booking = await book(owner, event.id, 1);
    const answer = async () => ({
      passkey: keys.get(await closingOptions(app, bearer(owner.token)), { origin: ORIGIN }),
    });
    expect(await refusalOf(await remove(app, bearer(owner.token), await answer()))).toMatchObject({
      code: 'INVALID_STATE',
      details: { bookings: [booking.id] },
    });
    await owner.must('cancelBooking', { bookingId: booking.id });
    expect((await remove(app, bearer(owner.token), await answer())).status).toBe(204);
  });

  it('loses those of a stranger who registered its address, when the owner enters a code or resets the password', async (t) => {
    for (const way of ['code', 'reset'] as const) {
      const mails = mailLog();
      const env = { PUBLIC_URL: ORIGIN, TRUST_PROXY: '127.0.0.1' };
      const app = await testApp(t, { env, log: mails.log });
      const stranger = await registered(app, ADDRESS, { 'x-forwarded-for': '203.0.113.7' });
      const authenticator = softwareAuthenticator();
      await added(app, bearer(stranger.token), authenticator);
      const owner = { 'x-forwarded-for': '198.51.100.1' };
      if (way === 'code') {
        await app.post('/api/auth/code', { email: ADDRESS }, owner);
        const code = await mails.codeTo(ADDRESS);
        expect((await app.post('/api/auth/code/verify', { email: ADDRESS, code }, owner)).status).toBe(200);
      } else {
        await app.post('/api/auth/forgot', { email: ADDRESS }, owner);
        const token = () => mails.mails.map(({ text }) => /reset\?token=([\w-]{43})/.exec(text)?.[1]).find(Boolean);
        await expect.poll(token, { timeout: 20_000 }).toBeDefined();
        const next = 'battery staple';
        expect((await app.post('/api/auth/reset', { token: token(), next }, owner)).status).toBe(204);
      }
      expect(await problemOf(await signInWith(app, await proof(app, authenticator)))).toEqual(refusedFor('unknown'));
      expect((await app.app.models.users.findOne({ email: ADDRESS }).lean())?.passkeyCount).toBeUndefined();
    }
  });

  it('keeps its own when the password of a verified address is reset', async (t) => {
    const { app, mails, headers, mia, authenticator } = await passkeyApp(t);
    await app.app.models.users.updateOne({ _id: mia.user.id }, { $set: { verified: true } });
    await added(app, headers, authenticator);
    await app.post('/api/auth/forgot', { email: ADDRESS });
    const token = () => mails.mails.map(({ text }) => /reset\?token=([\w-]{43})/.exec(text)?.[1]).find(Boolean);
    await expect.poll(token, { timeout: 20_000 }).toBeDefined();
    expect((await app.post('/api/auth/reset', { token: token(), next: 'battery staple' })).status).toBe(204);
    expect((await signInWith(app, await proof(app, authenticator))).status).toBe(200);
  });

  it('loses them when the operator makes it an admin with a password of the settings', async (t) => {
    const { app, headers, authenticator } = await passkeyApp(t);
    await added(app, headers, authenticator);
    const config = { adminEmail: ADDRESS, adminPassword: 'the operator’s' };
    await ensureConfiguredAdmin({ ...app.app, config, now: app.clock.now });
    expect(await problemOf(await signInWith(app, await proof(app, authenticator)))).toEqual(refusedFor('unknown'));
    expect(await app.app.models.passkeys.countDocuments()).toBe(0);
  });
});
