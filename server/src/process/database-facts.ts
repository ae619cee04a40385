import type { Db } from 'mongodb';
import type { Config } from '#server/config.ts';
import type { StartWarnings } from './start-warnings.ts';

/** The user of a connection and what it may do, as `connectionStatus` reports them. */
interface DatabaseAccess {
  users: readonly string[];
  /** What the user may do with every collection of the database. */
  actions: ReadonlySet<string>;
}

interface StoredFacts extends DatabaseAccess {
  /** Published sample events. */
  samples: number;
}

export type JudgedConfig = Pick<Config, 'demoData' | 'mongoUri'>;

/** Reads what a start in production warns of. */
export async function readFacts(database: Db): Promise<StoredFacts> {
  const samples = await database.collection('events').countDocuments({ sample: true, status: 'published' });
  const { authInfo } = await database.command({ connectionStatus: 1, showPrivileges: true });
  const { authenticatedUsers, authenticatedUserPrivileges } = authInfo as AuthInfo;
  const actions = authenticatedUserPrivileges
    .filter(({ resource }) => concernsAll(resource, database.databaseName))
    .flatMap((privilege) => privilege.actions);
  return { samples, users: authenticatedUsers.map(({ user }) => user), actions: new Set(actions) };
}

interface AuthInfo {
  authenticatedUsers: { user: string }[];
  authenticatedUserPrivileges: { resource: Resource; actions: string[] }[];
}

interface Resource {
  db?: string;
  collection?: string;
  anyResource?: boolean;
}

/** Whether the resource includes every collection of the database; an empty name stands for all. */
function concernsAll({ db, collection, anyResource }: Resource, name: string): boolean {
  return anyResource === true || (collection === '' && (db === '' || db === name));
}

/** An embedded database has one user, whom the server makes with all its rights. */
export function judgeDatabase({ demoData, mongoUri }: JudgedConfig, facts: StoredFacts): StartWarnings {
  const faults: string[] = [];
  const notes: string[] = [];
  if (facts.samples > 0 && demoData === 'off')
    faults.push(
      `Everybody sees ${facts.samples} sample ${facts.samples === 1 ? 'event' : 'events'}: cancel them, or edit them to make them real.`,
    );
  if (mongoUri === null) return { faults, notes };
  if (facts.users.length === 0)
    notes.push('MONGO_URI names no user: whoever reaches the database can read and change everything.');
  else if (!facts.actions.has('collMod'))
    faults.push(
      'MONGO_URI: its user has no right to run collMod, which the start after an update needs. Give it the role dbAdmin.',
    );
  return { faults, notes };
}
