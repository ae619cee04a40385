import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MIGRATIONS } from '#server/migrations/migrations.ts';
import { versionOf } from '#server/migrations/prepare-database.ts';
import { testDatabaseUri, withDatabase } from '../../test/support/database/test-database.ts';
import { insertStored, readKept, readStored } from '../../test/support/old-data/kept-data.ts';
import { asUnnumbered } from '../../test/support/old-data/unnumbered.ts';
import { programEnv } from '../../test/support/program-env.ts';

const VERSION = versionOf(MIGRATIONS);

/** Runs a program of this folder until it ends. */
function run(program: string, args: string[], uri: string): Promise<{ code: unknown; output: string }> {
  const env = programEnv({ MONGO_URI: uri, PORT: '0', LOG_LEVEL: 'warn', DEMO_DATA: 'off' });
  const file = join(import.meta.dirname, program);
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', file, ...args],
      { cwd: tmpdir(), env, timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: error ? error.code : 0, output: `${stdout}${stderr}` }),
    );
  });
}

it('npm run migrate says what it would do with --dry-run, does it, and has nothing to do after that', async () => {
  const uri = testDatabaseUri();
  await withDatabase(uri, async (database) => insertStored(database, asUnnumbered(await readKept(1))));
  const before = await withDatabase(uri, readStored);

  const dryRun = await run('migrate.ts', ['--dry-run'], uri);
  expect(dryRun.output).toMatch(
    /^This would be done:\nVersion 1: .*\n {2}Rewrite search texts: \d+ of the documents in events\n/,
  );
  expect(dryRun.output).toContain('create the index');
  expect(dryRun.code).toBe(0);
  expect(await withDatabase(uri, readStored)).toEqual(before);

  const early = await run('admin.ts', ['grant', 'alice@example.org', '--yes'], uri);
  expect(early).toEqual({ code: 1, output: expect.stringMatching(/is of version 0.*"npm run migrate"[^\n]*\n$/) });

  const migrated = await run('migrate.ts', [], uri);
  expect(migrated).toEqual({
    code: 0,
    output: expect.stringContaining(`The database is of version ${VERSION} now.\n`),
  });
  const again = await run('migrate.ts', ['--dry-run'], uri);
  expect(again).toEqual({ code: 0, output: `Nothing to do: the database fits version ${VERSION} already.\n` });
});

it('a newer database ends the server and every program with 1 and one sentence', async () => {
  const uri = testDatabaseUri();
  const state = { _id: 'schema' as never, version: VERSION + 7, compatibleFrom: VERSION + 1, updatedAt: new Date() };
  await withDatabase(uri, (database) => database.collection('meta').insertOne(state));
  for (const [program, ...args] of [['../main.ts'], ['migrate.ts'], ['reconcile.ts']] as const) {
    const { code, output } = await run(program, [...args], uri);
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`^The database is of version ${VERSION + 7}, which [^\\n]*\\n$`));
  }
  const names = await withDatabase(uri, (database) => database.listCollections().toArray());
  expect(names.map(({ name }) => name)).toEqual(['meta']);
});

it('npm run migrate prints its usage for an unknown option', async () => {
  const { code, output } = await run('migrate.ts', ['--force'], testDatabaseUri());
  expect([code, output]).toEqual([1, expect.stringContaining('Usage: npm run migrate')]);
});
