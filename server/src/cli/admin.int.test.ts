import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { programEnv } from '../../test/support/program-env.ts';
import { testDatabaseUri } from '../../test/support/database/test-database.ts';
import { ALICE, registered, testHttp } from '../../test/support/test-http.ts';
import { startEmbedded } from '#server/mongo/embedded/embedded.ts';

const PROGRAM = join(import.meta.dirname, 'admin.ts');
const QUIET = { info: () => undefined, error: console.error };

/** Runs `npm run admin` in an empty folder, without a terminal. */
function admin(args: string[], env: Record<string, string>): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { cwd: tmpdir(), env: programEnv(env) };
    const child = execFile(process.execPath, [PROGRAM, ...args], options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: `${stdout}${stderr}` }),
    );
    child.stdin?.end();
  });
}

describe('npm run admin', () => {
  it('shows name, age and missing verification of an account on grant and makes it an admin; a second grant changes nothing', async (t) => {
    const uri = testDatabaseUri();
    const app = await testHttp(t, { mongoUri: uri });
    await registered(app);
    const roleNow = async () => (await app.models.users.findOne({ email: ALICE.email }).lean())?.role;
    const granted = await admin(['grant', 'ALICE@example.org', '--yes'], { MONGO_URI: uri });
    expect(granted.output).toMatch(
      /^"Alice" <alice@example\.org>, registered 0 minutes ago \(20.*Z\)\nThe address is NOT verified/,
    );
    expect(granted.output).toContain('alice@example.org is an admin now.');
    expect([granted.code, await roleNow()]).toEqual([0, 'admin']);
    const again = await admin(['grant', ALICE.email], { MONGO_URI: uri });
    expect(again).toEqual({ code: 0, output: 'alice@example.org is an admin already. Nothing was changed.\n' });
  });

  it('does not warn of a verified address', async (t) => {
    const uri = testDatabaseUri();
    const app = await testHttp(t, { mongoUri: uri });
    await registered(app);
    await app.models.users.updateOne({ email: ALICE.email }, { $set: { verified: true } });
    const { output } = await admin(['grant', ALICE.email, '--yes'], { MONGO_URI: uri });
    expect(output).toContain('is an admin now');
    expect(output).not.toContain('verified');
  });

  it('asks for confirmation, and requires --yes without a terminal', async (t) => {
    const uri = testDatabaseUri();
    const app = await testHttp(t, { mongoUri: uri });
    await registered(app);
    const { code, output } = await admin(['grant', ALICE.email], { MONGO_URI: uri });
    expect([code, output]).toEqual([1, expect.stringContaining('add --yes')]);
    expect((await app.models.users.findOne({}).lean())?.role).toBe('user');
  });

  it('revokes the role, but not that of the last admin', async (t) => {
    const uri = testDatabaseUri();
    const app = await testHttp(t, { mongoUri: uri });
    for (const email of ['one@example.org', 'two@example.org']) await registered(app, { ...ALICE, email });
    await app.models.users.updateMany({}, { $set: { role: 'admin' } });
    expect(await admin(['revoke', 'one@example.org', '--yes'], { MONGO_URI: uri })).toMatchObject({ code: 0 });
    const last = await admin(['revoke', 'two@example.org', '--yes'], { MONGO_URI: uri });
    expect([last.code, last.output]).toEqual([1, expect.stringContaining('This is the last admin.')]);
    const admins = await app.models.users.find({ role: 'admin' }).lean();
    expect(admins.map((user) => user.email)).toEqual(['two@example.org']);
  });

  it('reports an unreachable database in one sentence', async () => {
    const { code, output } = await admin(['grant', ALICE.email], { MONGO_URI: 'mongodb://127.0.0.1:1/x' });
    expect([code, output]).toEqual([1, expect.stringMatching(/^MONGO_URI cannot be reached: .*\n$/)]);
  });

  it.each([
    [['grant', 'nobody@example.org', '--yes'], 'There is no account with the address nobody@example.org'],
    [['grant'], 'Usage: npm run admin'],
    [['promote', 'a@example.org'], 'Usage: npm run admin'],
    [['grant', 'a@example.org', '--force'], 'Usage: npm run admin'],
  ])('fails for %j with a one-sentence message and without a stack trace', async (args, sentence) => {
    const { code, output } = await admin(args, { MONGO_URI: testDatabaseUri() });
    expect([code, output]).toEqual([1, expect.stringContaining(sentence)]);
    expect(output).not.toContain('    at ');
  });

  it('works on the embedded database, whether or not the server runs', async (t) => {
    const dataDir = await tempFolder(t, 'admin');
    const binary = inject('mongodBinary');
    const env = { DATA_DIR: dataDir, MONGOMS_SYSTEM_BINARY: binary };
    const running = await startEmbedded({ dataDir, binary, log: QUIET });
    const closing: (() => Promise<void>)[] = [];
    try {
      const app = await testHttp({ onTestFinished: (undo) => void closing.push(undo) }, { mongoUri: running.uri });
      for (const email of ['one@example.org', 'two@example.org']) await registered(app, { ...ALICE, email });
      expect(await admin(['grant', 'one@example.org', '--yes'], env)).toMatchObject({ code: 0 });
    } finally {
      for (const undo of closing) await undo();
      await running.stop();
    }
    expect((await admin(['grant', 'one@example.org'], env)).output).toContain('is an admin already');
    expect((await admin(['grant', 'two@example.org', '--yes'], env)).output).toContain('is an admin now');
  });
});
