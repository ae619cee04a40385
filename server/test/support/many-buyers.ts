import { Types } from 'mongoose';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { Person, TestApp } from './test-app.ts';
import { commandsOf, connected } from './test-app.ts';

/** Signed-in accounts with a connection each; without passwords, whose hashes would take a test's time. */
export async function manyBuyers(app: TestApp, count: number): Promise<Pick<Person, 'socket' | 'send' | 'must'>[]> {
  const { models, sessions } = app.app;
  const users = Array.from({ length: count }, (_, index) => newUser(index, app.clock.now()));
  await models.users.collection.insertMany(users);
  return Promise.all(
    users.map(async (user) => {
      const { token } = await sessions.open(user);
      const socket = await connected(app.open('/booking', token));
      return { socket, ...commandsOf(socket) };
    }),
  );
}

function newUser(index: number, at: Date): UserDoc {
  const _id = new Types.ObjectId();
  return {
    _id,
    name: `Buyer ${index}`,
    email: `${_id.toHexString()}@example.org`,
    passwordHash: 'none',
    verified: false,
    locale: 'en',
    role: 'user',
    createdAt: at,
  } as UserDoc;
}
