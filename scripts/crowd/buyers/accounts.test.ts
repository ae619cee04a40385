import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { refuse } from '#shared/protocol/errors.ts';
import { accountOf, enter } from './accounts.ts';
import { CrowdError } from '../crowd-error.ts';

type Scripted = { path: string; status: number; body: object };

/** Something that answers as a server would in that situation, in this order, and notes what it was asked. */
async function scripted(answers: Scripted[]) {
  const asked: { path: string | undefined; body: unknown }[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      asked.push({ path: request.url, body });
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
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function refusal(path: string, ...refused: Parameters<typeof refuse>): Scripted {
  const { error } = refuse(...refused);
  return { path, status: 400, body: { error } };
}

const REGISTER = '/api/auth/register';
const LOGIN = '/api/auth/login';
const buyer = accountOf('seed', 0);

describe('a buyer’s account', () => {
  test('follows from the seed', () => {
    expect(accountOf('seed', 0)).toEqual(buyer);
    expect(buyer.email).toBe('crowd-seed-1@crowd.example');
    expect(accountOf('seed', 1).password).not.toBe(buyer.password);
    expect(accountOf('other', 0).password).not.toBe(buyer.password);
  });

  test('is registered the first time', async () => {
    const { url, asked } = await scripted([{ path: REGISTER, status: 201, body: { token: 'fresh' } }]);
    expect(await enter(buyer, { url, wait: () => Promise.resolve() })).toBe('fresh');
    expect(asked).toEqual([{ path: REGISTER, body: buyer }]);
  });

  test('is logged in where it exists', async () => {
    const { url, asked } = await scripted([
      refusal(REGISTER, 'EMAIL_TAKEN'),
      { path: LOGIN, status: 200, body: { token: 'again' } },
    ]);
    expect(await enter(buyer, { url, wait: () => Promise.resolve() })).toBe('again');
    expect(asked[1]).toEqual({ path: LOGIN, body: { email: buyer.email, password: buyer.password } });
  });

  test('waits as long as a busy server says', async () => {
    const { url } = await scripted([
      refusal(REGISTER, 'BUSY', { retryAfterMs: 2_000 }),
      refusal(REGISTER, 'RATE_LIMITED', { retryAfterMs: 300 }),
      { path: REGISTER, status: 201, body: { token: 'late' } },
    ]);
    const waits: number[] = [];
    const wait = (ms: number) => Promise.resolve(void waits.push(ms));
    expect(await enter(buyer, { url, wait })).toBe('late');
    expect(waits).toEqual([2_000, 300]);
  });

  test('may exist though no more can be registered this hour', async () => {
    const { url } = await scripted([
      refusal(REGISTER, 'RATE_LIMITED', { retryAfterMs: 3_000_000 }),
      { path: LOGIN, status: 200, body: { token: 'known' } },
    ]);
    expect(await enter(buyer, { url, wait: () => Promise.resolve() })).toBe('known');
  });

  test('that cannot be used ends in a sentence with the reason', async () => {
    const { url } = await scripted([
      refusal(REGISTER, 'RATE_LIMITED', { retryAfterMs: 3_000_000 }),
      refusal(LOGIN, 'UNAUTHENTICATED'),
    ]);
    const entered = enter(buyer, { url, wait: () => Promise.resolve() });
    await expect(entered).rejects.toThrow(CrowdError);
    await expect(entered).rejects.toThrow(/RATE_LIMITED/);
  });
});
