import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { expect, it, onTestFinished } from 'vitest';
import { testDatabaseUri } from '../../test/support/database/test-database.ts';
import type { Role } from '#shared/account.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import { prepareDatabase } from '#server/migrations/prepare-database.ts';
import { createModels } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { findAccount, setRole } from './roles.ts';

async function accounts() {
  const connection = await connectMongo(testDatabaseUri());
  const models = createModels(connection);
  await prepareDatabase({ connection, models });
  onTestFinished(() => connection.close());

  async function account(role: Role, verified = true): Promise<UserDoc> {
    const email = `${randomUUID()}@example.org`;
    const more = { passwordHash: '', verified, locale: 'en', createdAt: new Date() } as const;
    const user: UserDoc = { _id: new Types.ObjectId(), name: 'Somebody', email, role, ...more };
    await models.users.collection.insertOne(user);
    return user;
  }

  return { models, account, admins: () => models.users.countDocuments({ role: 'admin' }) };
}

it('setting a role finds the account by its address in any case, and can be repeated', async () => {
  const { models, account, admins } = await accounts();
  const user = await account('user');
  expect((await findAccount(models, user.email.toUpperCase()))?._id).toEqual(user._id);
  expect(await setRole(models, user, 'admin', { at: new Date() })).toMatchObject({
    ok: true,
    data: { role: 'admin', name: 'Somebody' },
  });
  expect(await setRole(models, user, 'admin', { at: new Date() })).toMatchObject({ ok: true, data: { role: 'admin' } });
  expect(await admins()).toBe(1);
});

it('setting a role promotes no account whose address is not verified, unless that is allowed', async () => {
  const { models, account, admins } = await accounts();
  const stranger = await account('user', false);
  expect(await setRole(models, stranger, 'admin', { at: new Date() })).toMatchObject({
    error: { code: 'INVALID_STATE', details: { verified: false }, message: expect.stringContaining('not verified') },
  });
  expect(await admins()).toBe(0);
  expect(await setRole(models, stranger, 'user', { at: new Date() })).toMatchObject({ ok: true });
  expect(await setRole(models, stranger, 'admin', { at: new Date(), allowsUnverified: true })).toMatchObject({
    ok: true,
  });
  expect(await setRole(models, stranger, 'admin', { at: new Date() })).toMatchObject({
    ok: true,
    data: { role: 'admin' },
  });
});

it('setting a role refuses to demote the last admin', async () => {
  const { models, account, admins } = await accounts();
  const [last] = [await account('admin'), await account('user')];
  const refused = { ok: false, error: { code: 'INVALID_STATE', details: { lastAdmin: true } } };
  expect(await setRole(models, last, 'user', { at: new Date() })).toMatchObject(refused);
  expect(await admins()).toBe(1);
});

it('setting a role keeps one of two admins who demote each other at the same time', async () => {
  const { models, account, admins } = await accounts();
  for (let round = 0; round < 5; round += 1) {
    const two = [await account('admin'), await account('admin')];
    await models.users.deleteMany({ role: 'admin', _id: { $nin: two.map(({ _id }) => _id) } });
    const replies = await Promise.all(two.map((admin) => setRole(models, admin, 'user', { at: new Date() })));
    expect(replies.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
    expect(await admins()).toBe(1);
  }
});

it('setting the role of a deleted account is NOT_FOUND', async () => {
  const { models } = await accounts();
  expect(await setRole(models, { _id: new Types.ObjectId() }, 'admin', { at: new Date() })).toMatchObject({
    error: { code: 'NOT_FOUND' },
  });
});
