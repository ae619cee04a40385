import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { Retention } from '#server/config.ts';
import { DEFAULT_RETENTION } from '#server/config.ts';
import type { Models } from '#server/models/models.ts';
import type { SchemaStateDoc } from '#server/models/servers/schema-state.ts';
import type { CollectionChange } from './collections.ts';
import { collectionChanges } from './collections.ts';
import { withSchemaLock } from './lock.ts';
import type { Migration, MigrationLog, MigrationPart, PartContext } from './migration.ts';
import { MIGRATIONS } from './migrations.ts';
import {
  isNewerButCompatible,
  NewerDatabase,
  readSchemaState,
  writePosition,
  writeSchemaVersions,
} from './schema-state.ts';

/** Documents that a migration changes by one command. */
const BATCH_SIZE = 500;
/**
 * How long a migration that running servers would not survive waits for their end: each of them looks every three seconds
 * whether it may go on, and ends within ten.
 */
const SERVERS_END_WITHIN_MS = 20_000;
/** Collections that are changed at the same time: each waits for its own files on the disk, and opens a connection. */
const PARALLEL_COLLECTIONS = 4;

const SILENT: MigrationLog = { info: () => undefined, warn: () => undefined };

interface PrepareOptions {
  connection: Connection;
  models: Models;
  retention?: Retention;
  log?: MigrationLog;
  /** Default: those of this version. */
  migrations?: readonly Migration[];
  batchSize?: number;
  serversEndWithinMs?: number;
}

/** What the functions below work with. */
type Preparation = ReturnType<typeof preparationOf>;

function preparationOf(options: PrepareOptions) {
  const { connection, models, migrations = MIGRATIONS, retention = DEFAULT_RETENTION, log = SILENT } = options;
  const database = connection.db;
  if (!database) throw new Error('The connection to the database is not open');
  return {
    database,
    models,
    migrations,
    retention,
    log,
    batchSize: options.batchSize ?? BATCH_SIZE,
    serversEndWithinMs: options.serversEndWithinMs ?? SERVERS_END_WITHIN_MS,
    version: versionOf(migrations),
  };
}

/** The version of the data after all of these migrations. */
export function versionOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

/**
 * Makes the database one of this version: runs the migrations that are missing, one after another, then changes
 * collections, validators and indexes. Several servers may call it at once, and it may be interrupted at any time. A newer
 * database stays as it is: throws NewerDatabase unless it says that this version may use it.
 */
export async function prepareDatabase(options: PrepareOptions): Promise<void> {
  const preparation = preparationOf(options);
  const { models, version, log } = preparation;
  const state = await readSchemaState(models);
  if (isNewerButCompatible(state, version)) {
    log.info({ database: state?.version, version }, 'The database is newer than this Frontrow, and may be used by it');
    return;
  }
  const isCurrent = state?.version === version && (await collectionChanges(preparation)).flat().length === 0;
  if (isCurrent || !(await withSchemaLock(preparation, (lock) => upgrade(preparation, lock))))
    await repeatParts(preparation);
}

/** Refuses a database that `prepareDatabase` would change by a migration, for programs beside the server. */
export async function assertMigrated(options: PrepareOptions): Promise<void> {
  const { database, models, version } = preparationOf(options);
  const state = await readSchemaState(models);
  if (isNewerButCompatible(state, version) || state?.version === version) return;
  if (state === null && !(await hasData(preparationOf(options)))) return;
  throw new NewerDatabase(
    `The database ${database.databaseName} is of version ${state?.version ?? 0}, and this Frontrow needs version ` +
      `${version}: run "npm run migrate", or start the server, which does the same.`,
  );
}

/** What `prepareDatabase` would do now, a line each; nothing is changed. */
export async function previewMigrations(options: PrepareOptions): Promise<string[]> {
  const preparation = preparationOf(options);
  const { database, models, migrations, version } = preparation;
  const state = await readSchemaState(models);
  if (isNewerButCompatible(state, version)) return [];
  const lines: string[] = [];
  if (state !== null || (await hasData(preparation)))
    for (const migration of missingMigrations(migrations, state)) {
      lines.push(`Version ${migration.version}: ${migration.title}${isolation(migration, state)}`);
      for (const { name, preview } of migration.parts) {
        const what = await preview({ database });
        if (what !== null) lines.push(`  ${name}: ${what}`);
      }
    }
  const changes = (await collectionChanges(preparation)).flat();
  return [...lines, ...changes.map(({ what }) => `Collections: ${what}`)];
}

function isolation({ compatibleFrom }: Migration, state: SchemaStateDoc | null): string {
  return compatibleFrom > (state?.version ?? 0) ? ' (running servers of earlier versions end first)' : '';
}

function missingMigrations(migrations: readonly Migration[], state: SchemaStateDoc | null): Migration[] {
  return migrations.filter(({ version }) => version > (state?.version ?? 0));
}

/** Whether anything was stored here before; a database without accounts and events is as good as new. */
async function hasData({ database }: Pick<Preparation, 'database'>): Promise<boolean> {
  const options = { projection: { _id: 1 } };
  for (const name of ['users', 'events']) if (await database.collection(name).findOne({}, options)) return true;
  return false;
}

/** Resolves with whether migrations ran. Another process may have done all of it while this one waited for the lock. */
async function upgrade(preparation: Preparation, lock: Pick<PartContext, 'assertHeld'>): Promise<boolean> {
  const { models, migrations, version } = preparation;
  const state = await readSchemaState(models);
  if (isNewerButCompatible(state, version)) return true;
  const isNew = state === null && !(await hasData(preparation));
  const missing = isNew ? [] : missingMigrations(migrations, state);
  for (const migration of missing) await migrate(preparation, migration, lock);
  lock.assertHeld();
  await applyInLanes(await collectionChanges(preparation));
  if (isNew) {
    lock.assertHeld();
    await writeSchemaVersions(models, { version, compatibleFrom: compatibleFromOf(migrations) });
  }
  return missing.length > 0;
}

function compatibleFromOf(migrations: readonly Migration[]): number {
  return Math.max(0, ...migrations.map(({ compatibleFrom }) => compatibleFrom));
}

async function migrate(
  preparation: Preparation,
  migration: Migration,
  lock: Pick<PartContext, 'assertHeld'>,
): Promise<void> {
  const { models, log, serversEndWithinMs } = preparation;
  const { version, title, parts } = migration;
  const before = (await readSchemaState(models)) ?? { version: 0, compatibleFrom: 0 };
  const compatibleFrom = Math.max(before.compatibleFrom, migration.compatibleFrom);
  log.info({ version, title }, 'The database is changed to a new version');
  lock.assertHeld();
  if (!('position' in before))
    // Before anything is changed: servers that may not go on see it, and none of them starts any more.
    await writeSchemaVersions(models, { version: before.version, compatibleFrom });
  if (compatibleFrom > before.version) {
    log.info({ seconds: serversEndWithinMs / 1_000 }, 'Waiting for the end of servers of earlier versions');
    await sleep(serversEndWithinMs);
  }
  for (const part of parts) await runPart(preparation, { version, part, assertHeld: lock.assertHeld });
  lock.assertHeld();
  await writeSchemaVersions(models, { version, compatibleFrom });
  log.info({ version }, 'The database is of the new version');
}

async function runPart(
  { database, models, log, batchSize }: Preparation,
  { version, part, assertHeld }: { version: number; part: MigrationPart; assertHeld: () => void },
): Promise<void> {
  const { position } = (await readSchemaState(models)) ?? {};
  const isInterrupted = position?.version === version && position.part === part.name;
  await part.run({
    database,
    models,
    log,
    batchSize,
    assertHeld,
    position: isInterrupted ? { after: position.after, done: position.done } : null,
    savePosition: (reached) => writePosition(models, { version, part: part.name, ...reached }),
  });
}

/** Without the lock: a part that is repeated may be run by several servers at once. */
async function repeatParts({ database, models, log, batchSize, migrations }: Preparation): Promise<void> {
  const context = { database, models, log, batchSize, position: null };
  for (const part of migrations.flatMap(({ parts }) => parts))
    if (part.isRepeated)
      await part.run({ ...context, assertHeld: () => undefined, savePosition: async () => undefined });
}

/** Applies each collection's changes in their order, and a few collections at a time. */
async function applyInLanes(collections: CollectionChange[][]): Promise<void> {
  const left = [...collections];
  const lane = async (): Promise<void> => {
    for (let changes = left.pop(); changes; changes = left.pop()) for (const { apply } of changes) await apply();
  };
  await Promise.all(Array.from({ length: PARALLEL_COLLECTIONS }, lane));
}
