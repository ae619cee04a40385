import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { lockedMongod } from '../../test/support/database/guarded-mongod.ts';
import { programEnv } from '../../test/support/program-env.ts';

const PROGRAM = join(import.meta.dirname, 'replica-set.ts');

/** Runs `npm run replica-set` in an empty folder with these settings alone. */
function replicaSet(settings: Record<string, string>, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { cwd: tmpdir(), env: programEnv(settings) };
    const command = ['--disable-warning=ExperimentalWarning', PROGRAM, ...args];
    execFile(process.execPath, command, options, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: `${out}${err}` }),
    );
  });
}

async function rolesOf(uri: string): Promise<string[]> {
  const client = await mongo.MongoClient.connect(uri);
  try {
    const { authInfo } = await client.db('admin').command({ connectionStatus: 1 });
    const roles = authInfo.authenticatedUserRoles as { role: string; db: string }[];
    return roles.map(({ role, db }) => `${role}@${db}`).sort();
  } finally {
    await client.close();
  }
}

describe('npm run replica-set', () => {
  it('initiates the set and creates both users, and changes only the password at a repetition', async (t) => {
    const { port, setName, stop } = await lockedMongod();
    t.onTestFinished(stop);
    const uriWith = (password: string) =>
      `mongodb://frontrow:${password}@127.0.0.1:${port}/tickets?replicaSet=${setName}&authSource=admin`;
    const MONGO_ADMIN_URI = `mongodb://root:first-secret@127.0.0.1:${port}`;

    const first = await replicaSet({ MONGO_URI: uriWith('second-secret'), MONGO_ADMIN_URI });
    expect(first).toEqual({
      code: 0,
      output: `Replica set ${setName} of 127.0.0.1:${port}: initiated\nAdministrator root: created\nUser frontrow: created\n`,
    });
    expect(await rolesOf(uriWith('second-secret'))).toEqual([
      'clusterMonitor@admin',
      'dbAdmin@tickets',
      'readWrite@tickets',
    ]);

    const again = await replicaSet({ MONGO_URI: uriWith('third-secret'), MONGO_ADMIN_URI });
    expect(again).toEqual({
      code: 0,
      output: `Replica set ${setName} of 127.0.0.1:${port}: was initiated before\nAdministrator root: exists\nUser frontrow: updated\n`,
    });
    expect(await rolesOf(uriWith('third-secret'))).toHaveLength(3);
    await expect(rolesOf(uriWith('second-secret'))).rejects.toThrow('Authentication failed');

    const wrong = { MONGO_URI: uriWith('x'), MONGO_ADMIN_URI: `mongodb://root:guessed@127.0.0.1:${port}` };
    const refused = await replicaSet(wrong);
    const sentence = 'MONGO_ADMIN_URI: the database knows no such administrator with this password.\n';
    expect(refused).toEqual({ code: 1, output: sentence });
  });

  it('refuses to run at another mongod than the first member', async (t) => {
    const { port, setName, stop } = await lockedMongod();
    t.onTestFinished(stop);
    const MONGO_URI = `mongodb://frontrow:one-secret@127.0.0.1:1,127.0.0.1:${port}/tickets?replicaSet=${setName}`;
    const refused = await replicaSet({ MONGO_URI, MONGO_ADMIN_URI: `mongodb://root:other-secret@127.0.0.1:${port}` });
    const sentence = '127.0.0.1:1, the first member in MONGO_URI, is not the mongod of MONGO_ADMIN_URI.\n';
    expect(refused).toEqual({ code: 1, output: sentence });
  });

  it.each<[string, Record<string, string>, string]>([
    ['no settings', {}, 'MONGO_URI and MONGO_ADMIN_URI must be set.'],
    [
      'no replica set',
      { MONGO_URI: 'mongodb://a:b@127.0.0.1/x', MONGO_ADMIN_URI: 'mongodb://root:p@127.0.0.1' },
      'MONGO_URI must name each member, the replica set and a user.',
    ],
    [
      'no administrator',
      { MONGO_URI: 'mongodb://a:b@127.0.0.1/x?replicaSet=rs0', MONGO_ADMIN_URI: 'mongodb://127.0.0.1' },
      'MONGO_ADMIN_URI must name one member and the administrator.',
    ],
  ])(
    'answers %s with a sentence and the forms of both settings, and exits with 1',
    async (_case, settings, sentence) => {
      const { code, output } = await replicaSet(settings);
      expect([code, output.split('\n')[0]]).toEqual([1, sentence]);
      expect(output).toContain('MONGO_ADMIN_URI=mongodb://root:PASSWORD@127.0.0.1:27017');
    },
  );

  it('prints its usage for an argument', async () => {
    const { code, output } = await replicaSet({}, '--help');
    expect([code, output]).toEqual([1, expect.stringContaining('Usage: npm run replica-set')]);
  });
});
