import type { Models } from '#server/models/models.ts';
import type { SchemaStateDoc, StepPosition } from '#server/models/servers/schema-state.ts';
import { SCHEMA_STATE } from '#server/models/servers/schema-state.ts';

const { id: ID } = SCHEMA_STATE;

type SchemaVersions = Pick<SchemaStateDoc, 'version' | 'compatibleFrom'>;

/** A database that a newer Frontrow has changed, so that this one must not use it. The message is meant for a person. */
export class NewerDatabase extends Error {
  override readonly name = 'NewerDatabase';
}

/** What the database says of its schema; null if it says nothing. */
export function readSchemaState({ meta }: Pick<Models, 'meta'>): Promise<SchemaStateDoc | null> {
  return meta.findById(ID).lean<SchemaStateDoc>().exec();
}

/** Stores that a migration was finished, or is about to begin. */
export async function writeSchemaVersions({ meta }: Pick<Models, 'meta'>, versions: SchemaVersions): Promise<void> {
  const change = { $set: { ...versions, updatedAt: new Date() }, $unset: { position: 1 } };
  await meta.collection.updateOne({ _id: ID } as object, change, { upsert: true });
}

/** Stores how far a migration has come. */
export async function writePosition({ meta }: Pick<Models, 'meta'>, position: StepPosition): Promise<void> {
  await meta.collection.updateOne({ _id: ID } as object, { $set: { position, updatedAt: new Date() } });
}

/**
 * Whether the database is newer than this program's version of it, and says that this version may use it all the same.
 * Throws NewerDatabase if it may not.
 */
export function isNewerButCompatible(state: SchemaVersions | null, version: number): boolean {
  if (state === null) return false;
  if (state.compatibleFrom > version)
    throw new NewerDatabase(
      `The database is of version ${state.version}, which this Frontrow does not know: it knows version ${version}. ` +
        'Start the newer Frontrow again, or restore the backup that was made before the update.',
    );
  return state.version > version;
}
