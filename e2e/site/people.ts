import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { connectRemote, ORGANISER, type Remote } from './organiser.ts';

export interface Account {
  name: string;
  email: string;
  password: string;
}

export function newAccount(name = 'Alice Arnold'): Account {
  return { name, email: `${randomUUID()}@example.org`, password: 'correct horse' };
}

/** Registers an account and gives this browser its session, without the pages. */
export async function signUp(page: Page, account = newAccount()): Promise<Account & { token: string }> {
  return { ...account, token: await enter(page, '/api/auth/register', { ...account }) };
}

/** Gives this browser the organiser's session. */
export async function signInOrganiser(page: Page): Promise<void> {
  await enter(page, '/api/auth/login', ORGANISER);
}

/** Registers a buyer who books through a client without a browser. */
export async function connectBuyer({ url }: { url: string }, name: string): Promise<Remote & { email: string }> {
  const account = newAccount(name);
  const response = await fetch(`${url}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(account),
  });
  const { token } = (await response.json()) as { token: string };
  return { ...connectRemote(url, token), email: account.email };
}

async function enter(page: Page, path: string, data: object): Promise<string> {
  const response = await page.context().request.post(path, { data });
  if (!response.ok()) throw new Error(`${path} answered ${response.status()}: ${await response.text()}`);
  return ((await response.json()) as { token: string }).token;
}
