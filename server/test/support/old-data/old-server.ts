import { toUser } from '#server/models/views.ts';
import type { Undoing } from '../database/test-database.ts';
import { testDatabaseUri, withDatabase } from '../database/test-database.ts';
import { handClock } from '../hand-clock.ts';
import type { Person, TestApp, TestAppOptions } from '../test-app.ts';
import { commandsOf, connected, testApp } from '../test-app.ts';
import type { Stored } from './kept-data.ts';
import { insertStored } from './kept-data.ts';

/** One public address for all: it is in links. */
const SETTINGS = { RATE_LIMITS: 'off', PUBLIC_URL: 'http://tickets.example.org' };

/** A server of this version on a database that holds these documents, and a sign-in for each of the accounts. */
export async function serverOn(t: Undoing, stored: readonly Stored[], options: TestAppOptions = {}) {
  const mongoUri = options.mongoUri ?? testDatabaseUri();
  await withDatabase(mongoUri, (database) => insertStored(database, stored));
  const clock = options.clock ?? handClock({ standsAt: new Date().toISOString() });
  const app = await testApp(t, { ...options, mongoUri, clock, env: { ...SETTINGS, ...options.env } });
  return { app, person: (name: string) => signIn(app, name) };
}

/** Opens a session without the password, whose check takes long. */
async function signIn(app: TestApp, name: string): Promise<Person> {
  const stored = await app.app.models.users.findOne({ name }).orFail().lean();
  const { token } = await app.app.sessions.open(stored);
  const user = toUser(stored);
  const socket = await connected(app.open('/booking', token));
  return { user, token, socket, ...commandsOf(socket) };
}
