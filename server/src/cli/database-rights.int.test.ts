import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { endAbandonedTransactions } from '#server/mongo/abandoned.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { guardedMongod } from '../../test/support/database/guarded-mongod.ts';
import { createEvent } from '../../test/support/engine-world.ts';
import { programEnv } from '../../test/support/program-env.ts';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { eventInput, testApp } from '../../test/support/test-app.ts';

/** What Frontrow uses of the role readWrite. */
const READ_WRITE = [
  'find',
  'insert',
  'update',
  'remove',
  'listCollections',
  'createCollection',
  'createIndex',
  'listIndexes',
  'changeStream',
];

let mongod: Awaited<ReturnType<typeof guardedMongod>>;
beforeAll(async () => {
  mongod = await guardedMongod();
  return () => mongod.stop();
}, 60_000);

/** Runs a program until it exits. */
function run(program: string, args: string[], uri: string): Promise<{ code: unknown; output: string }> {
  const env = programEnv({ PORT: '0', LOG_LEVEL: 'warn', DEMO_DATA: 'off', MONGO_URI: uri });
  const file = join(import.meta.dirname, program);
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { cwd: tmpdir(), env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, output: `${stdout}${stderr}`.trim() }),
    );
  });
}

describe('a start with a database user', () => {
  it.each<[string, () => string | Promise<string>, string]>([
    ['with a wrong password', () => mongod.uriOf('root', 'wrong-password'), 'no such user with this password'],
    ['that is missing in MONGO_URI', () => mongod.uriOf('root').replace(/root:[^@]*@/, ''), 'MONGO_URI names no user'],
    ['without any right', () => mongod.userWith({}), 'no right to run listCollections on the database frontrow'],
    [
      'that may only read',
      () => mongod.userWith({ roles: ['read'] }),
      'no right to run update on the database frontrow',
    ],
  ])(
    '%s ends with 1 and one sentence that says so',
    async (_user, uriOf, expected) => {
      const uri = await uriOf();
      for (const [program, ...args] of [['../main.ts'], ['admin.ts', 'grant', 'alice@example.org', '--yes']] as const) {
        const { code, output } = await run(program, args, uri);
        expect(code).toBe(1);
        expect(output).toMatch(/^MONGO_URI[^\n]*\.?$/);
        expect(output).toContain(expected);
        expect(output).not.toContain('wrong-password');
      }
    },
    120_000,
  );

  it.each(['changeStream', 'createIndex', 'listIndexes', 'listCollections'])(
    'that has all rights of readWrite but %s ends with 1 and one sentence that names the role',
    async (missing) => {
      await mongod.root.db('frontrow').dropDatabase();
      const uri = await mongod.userWith({ actions: READ_WRITE.filter((action) => action !== missing) });
      const { code, output } = await run('../main.ts', [], uri);
      expect(code).toBe(1);
      expect(output).toMatch(/^MONGO_URI: its user has no right to run [^\n]* the role readWrite [^\n]*$/);
    },
    60_000,
  );

  it('that has readWrite alone sells, also on a database that is still empty', async (t) => {
    const mongoUri = await mongod.userWith({ roles: ['readWrite'] });
    await mongod.root.db('frontrow').dropDatabase();
    const app = await testApp(t, { mongoUri, expectsAgreement: false });
    const admin = await app.admin();
    const event = await admin.must('createEvent', eventInput());
    const alice = await app.register('alice');
    await alice.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
    expect(await alice.must('getEvent', { eventId: event.id })).toMatchObject({ soldSeats: 2 });
  }, 60_000);

  it('that has readWrite alone changes no stored validator: dbAdmin is needed as well', async (t) => {
    const events = 'events';
    const database = mongod.root.db('frontrow');
    await database.dropDatabase();
    await database.createCollection(events, { validator: { totalSeats: { $type: 'int' } } });
    const uri = await mongod.userWith({ roles: ['readWrite'] });
    const { code, output } = await run('admin.ts', ['grant', 'alice@example.org', '--yes'], uri);
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/^MONGO_URI: .* run collMod .* and dbAdmin as well [^\n]*$/),
    ]);
    const mongoUri = await mongod.userWith({ roles: ['readWrite', 'dbAdmin'] });
    await testApp(t, { mongoUri, expectsAgreement: false, isIdle: true });
    const [stored] = await database.listCollections({ name: events }).toArray();
    expect(JSON.stringify(stored)).toContain('$jsonSchema');
  }, 60_000);

  it('that has readWrite alone ends the transactions of a killed server', async (t) => {
    const uri = await mongod.userWith({ roles: ['readWrite'] });
    const [killed, other] = [await connectMongo(uri), await connectMongo(uri)];
    t.onTestFinished(async () => void (await Promise.all([killed.close(), other.close()])));
    const session = await killed.startSession();
    session.startTransaction();
    await killed.collection('jobs').insertOne({ key: 'a' }, { session });
    await expect.poll(() => endAbandonedTransactions(other.getClient()), { timeout: 20_000, interval: 500 }).toBe(1);
  }, 60_000);

  it('that may only read backs up, and one that has readWrite alone restores, validators included', async (t) => {
    const database = mongod.root.db('frontrow');
    await database.dropDatabase();
    const mongoUri = await mongod.userWith({ roles: ['readWrite'] });
    const { app, close } = await testApp(t, { mongoUri, expectsAgreement: false, isIdle: true });
    await createEvent(app, new Date());
    await close();
    const file = join(await tempFolder(t, 'backup'), 'a.backup');
    expect(await run('backup.ts', [file], await mongod.userWith({ roles: ['read'] }))).toMatchObject({ code: 0 });
    await database.dropDatabase();
    const restored = await run('restore.ts', [file], mongoUri);
    expect([restored.code, restored.output]).toEqual([0, expect.stringContaining('1 event checked')]);
    const [stored] = await database.listCollections({ name: 'events' }).toArray();
    expect(JSON.stringify(stored)).toContain('$jsonSchema');
  }, 60_000);
});
