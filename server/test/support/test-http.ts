import { beforeAll } from 'vitest';
import type { App } from '#server/app/app.ts';
import type { Models } from '#server/models/models.ts';
import type { Undoing } from './database/test-database.ts';
import type { TestAppOptions } from './test-app.ts';
import { testApp } from './test-app.ts';

/** A server that is not started, for requests by `http.inject`. */
export async function testHttp(t: Undoing, options: Omit<TestAppOptions, 'isIdle'> = {}): Promise<App> {
  const { app } = await testApp(t, { ...options, isIdle: true });
  return app;
}

/** One server that is not started, for all tests of a `describe`; these tests must not depend on each other's data. */
export function sharedHttp(options: Omit<TestAppOptions, 'isIdle'> = {}): () => App {
  let app: App | null = null;
  beforeAll(async () => {
    const undos: (() => Promise<void>)[] = [];
    app = await testHttp({ onTestFinished: (undo) => void undos.push(undo) }, options);
    return async () => {
      for (const undo of undos.toReversed()) await undo();
    };
  });
  return () => {
    if (!app) throw new Error('The shared server starts in beforeAll');
    return app;
  };
}

export const ALICE = { name: 'Alice', email: 'alice@example.org', password: 'correct horse' };

/** Registers an account; resolves with the token of its session. */
export async function registered({ http }: Pick<App, 'http'>, account = ALICE): Promise<string> {
  const reply = await http.inject({ method: 'POST', url: '/api/auth/register', payload: account });
  if (reply.statusCode !== 201) throw new Error(`Registration failed: ${reply.body}`);
  return reply.json<{ token: string }>().token;
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** Makes a registered account an admin, as `npm run admin` does. */
export async function promote(models: Models, email: string): Promise<void> {
  await models.users.updateOne({ email }, { $set: { role: 'admin' } });
}
