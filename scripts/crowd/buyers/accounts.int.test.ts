import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { refuse } from '#shared/protocol/errors.ts';
import { accountOf, signIn } from './accounts.ts';
import { CrowdError } from '../crowd-error.ts';

type ScriptedAnswer = { path: string; status: number; body: object };

/** A server that gives these answers in this order, and records the requests. */
async function scriptedServer(answers: ScriptedAnswer[]) {
  const requests: { path: string | undefined; body: unknown }[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      requests.push({ path: request.url, body });
      const next = answers.shift();
      response.writeHead(next?.path === request.url ? (next?.status ?? 500) : 500, {
        'content-type': 'application/json',
      });
      response.end(JSON.stringify(next?.body ?? {}));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function refusal(path: string, ...refused: Parameters<typeof refuse>): ScriptedAnswer {
  const { error } = refuse(...refused);
  return { path, status: 400, body: { error } };
}

const noSleep = () => Promise.resolve();

const REGISTER = '/api/auth/register';
const LOGIN = '/api/auth/login';
const buyer = accountOf('seed', 0);

describe('a buyer’s account', () => {
  test('is derived from the seed', () => {
    expect(accountOf('seed', 0)).toEqual(buyer);
    expect(buyer.email).toBe('crowd-seed-1@crowd.example');
    expect(accountOf('seed', 1).password).not.toBe(buyer.password);
    expect(accountOf('other', 0).password).not.toBe(buyer.password);
  });

  test('is registered the first time', async () => {
    const { url, requests } = await scriptedServer([{ path: REGISTER, status: 201, body: { token: 'fresh' } }]);
    expect(await signIn(buyer, { url, sleep: noSleep })).toBe('fresh');
    expect(requests).toEqual([{ path: REGISTER, body: buyer }]);
  });

  test('is logged in if it exists', async () => {
    const { url, requests } = await scriptedServer([
      refusal(REGISTER, 'EMAIL_TAKEN'),
      { path: LOGIN, status: 200, body: { token: 'again' } },
    ]);
    expect(await signIn(buyer, { url, sleep: noSleep })).toBe('again');
    expect(requests[1]).toEqual({ path: LOGIN, body: { email: buyer.email, password: buyer.password } });
  });

  test('is registered again after the retryAfterMs of a busy server', async () => {
    const { url } = await scriptedServer([
      refusal(REGISTER, 'BUSY', { retryAfterMs: 2_000 }),
      refusal(REGISTER, 'RATE_LIMITED', { retryAfterMs: 300 }),
      { path: REGISTER, status: 201, body: { token: 'late' } },
    ]);
    const sleptMs: number[] = [];
    const sleep = (ms: number) => Promise.resolve(void sleptMs.push(ms));
    expect(await signIn(buyer, { url, sleep })).toBe('late');
    expect(sleptMs).toEqual([2_000, 300]);
  });

  test('is logged in although no more accounts can be registered this hour', async () => {
    const { url } = await scriptedServer([
      refusal(REGISTER, 'RATE_LIMITED', { retryAfterMs: 3_000_000 }),
      { path: LOGIN, status: 200, body: { token: 'known' } },
    ]);
    expect(await signIn(buyer, { url, sleep: noSleep })).toBe('known');
  });

  test('that cannot be used is a CrowdError with the refusal’s code', async () => {
    const { url } = await scriptedServer([
      refusal(REGISTER, 'RATE_LIMITED', { retryAfterMs: 3_000_000 }),
      refusal(LOGIN, 'UNAUTHENTICATED'),
    ]);
    const signedIn = signIn(buyer, { url, sleep: noSleep });
    await expect(signedIn).rejects.toThrow(CrowdError);
    await expect(signedIn).rejects.toThrow(/RATE_LIMITED/);
  });
});
