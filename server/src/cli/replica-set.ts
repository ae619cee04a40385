// The process of `npm run replica-set`: initiates the replica set of MONGO_URI, and creates its users.
import { mongo } from 'mongoose';
import { readConfig, readEnvironment } from '#server/config.ts';
import { databaseNameOf } from '#server/mongo/connect.ts';
import { CliError, runProgram } from './cli.ts';
import type { NewReplicaSet } from './replica-set/new-replica-set.ts';
import { setUpReplicaSet, UnsuitableMember } from './replica-set/new-replica-set.ts';

const USAGE = `Usage: npm run replica-set

Initiates the replica set that MONGO_URI names, with the members in it, and creates two users: the administrator of
MONGO_ADMIN_URI, and the user of MONGO_URI with the roles that Frontrow needs. Runs on the machine of the first member,
whose address there is in MONGO_ADMIN_URI: until MongoDB has a user, it trusts connections of its own machine. What is
done already stays as it is: members that the set lacks are added, and the user of MONGO_URI gets its password and roles
anew.`;

const FORMS = `  MONGO_URI=mongodb://frontrow:PASSWORD@db1.example.org:27017/frontrow?replicaSet=rs0&authSource=admin
  MONGO_ADMIN_URI=mongodb://root:PASSWORD@127.0.0.1:27017`;

function readWanted(): NewReplicaSet {
  const { mongoUri, mongoAdminUri } = readConfig(readEnvironment(process.cwd()));
  if (mongoUri === null || mongoAdminUri === null)
    throw new CliError(`MONGO_URI and MONGO_ADMIN_URI must be set.\n${FORMS}`);
  const { hosts, srvHost, replicaSet, credentials } = optionsOf('MONGO_URI', mongoUri);
  if (srvHost !== undefined || replicaSet === undefined || !credentials?.username)
    throw new CliError(`MONGO_URI must name each member, the replica set and a user.\n${FORMS}`);
  const admin = optionsOf('MONGO_ADMIN_URI', mongoAdminUri);
  const [initiator, ...more] = admin.hosts;
  if (initiator === undefined || more.length > 0 || !admin.credentials?.username)
    throw new CliError(`MONGO_ADMIN_URI must name one member and the administrator.\n${FORMS}`);
  return {
    members: hosts.map(String),
    setName: replicaSet,
    database: databaseNameOf(mongoUri),
    user: { name: credentials.username, password: credentials.password, authSource: credentials.source },
    initiator: String(initiator),
    administrator: { name: admin.credentials.username, password: admin.credentials.password },
  };
}

function optionsOf(name: string, uri: string): mongo.MongoOptions {
  try {
    return new mongo.MongoClient(uri).options;
  } catch (cause) {
    // The driver's message may quote the connection string, which holds a password.
    throw new CliError(`${name} cannot be used.\n${FORMS}`, { cause });
  }
}

function didWhat({ initiated, added }: { initiated: boolean; added: readonly string[] }): string {
  if (initiated) return 'initiated';
  return added.length > 0 ? `added ${added.join(', ')}` : 'was initiated before';
}

const AUTHENTICATION_FAILED = 18;

function explained(error: unknown): unknown {
  if (error instanceof UnsuitableMember || error instanceof mongo.MongoServerSelectionError)
    return new CliError(error.message, { cause: error });
  if (error instanceof mongo.MongoServerError && error.code === AUTHENTICATION_FAILED)
    return new CliError('MONGO_ADMIN_URI: the database knows no such administrator with this password.', {
      cause: error,
    });
  return error;
}

async function setUp(wanted: NewReplicaSet): Promise<string> {
  const { setName, members, user, administrator } = wanted;
  const outcome = await setUpReplicaSet(wanted).catch((error: unknown) => Promise.reject(explained(error)));
  return [
    `Replica set ${setName} of ${members.join(', ')}: ${didWhat(outcome)}`,
    `Administrator ${administrator.name}: ${outcome.administrator}`,
    `User ${user.name}: ${outcome.user}`,
  ].join('\n');
}

await runProgram(async (args) => {
  if (args.length > 0) throw new CliError(USAGE);
  console.log(await setUp(readWanted()));
  return 0;
});
