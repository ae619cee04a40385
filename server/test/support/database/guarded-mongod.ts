import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { inject } from 'vitest';
import { choosePort } from '#server/mongo/embedded/port.ts';
import { spawnMongod } from '#server/mongo/embedded/mongod-process.ts';
import { becomePrimary } from '#server/mongo/embedded/replica-set.ts';
import { scratchFolder } from '../scratch-folder.ts';

const SET = 'guarded';
const PASSWORD = 'correct-horse';
const START_MS = 30_000;

/** The rights of a database user: roles, or single actions on the database `frontrow`. */
export interface Rights {
  roles?: readonly string[];
  actions?: readonly string[];
  /** Whether the user may read the state of the replica set. */
  monitors?: boolean;
}

/** A new mongod with a key, as a server's administrator finds it: its set is not initiated and has no user. */
export async function lockedMongod() {
  const folder = await scratchFolder('guarded');
  const keyFile = join(folder, 'key');
  await writeFile(keyFile, randomBytes(96).toString('base64'), { mode: 0o600 });
  const port = await choosePort(folder);
  const args = ['--port', String(port), '--bind_ip', '127.0.0.1', '--dbpath', folder, '--replSet', SET];
  args.push('--auth', '--keyFile', keyFile, '--nounixsocket', '--wiredTigerCacheSizeGB', '0.25');
  const mongod = spawnMongod({ binary: inject('mongodBinary'), args, addLine: () => undefined });
  await mongod.listens;
  return {
    port,
    setName: SET,
    async stop(): Promise<void> {
      await mongod.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A mongod that asks for a user and password; `stop` ends it. */
export async function guardedMongod() {
  const { port, stop } = await lockedMongod();
  // Until the first user exists, connections of this machine may do this.
  await becomePrimary({ port, key: null }, SET, START_MS);
  const uriOf = (user: string, password = PASSWORD) =>
    `mongodb://${user}:${password}@127.0.0.1:${port}/frontrow?replicaSet=${SET}&authSource=admin`;
  const anonymous = new mongo.MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  await anonymous.db('admin').command({ createUser: 'root', pwd: PASSWORD, roles: ['root'] });
  await anonymous.close();
  const client = new mongo.MongoClient(uriOf('root'));

  return {
    uriOf,
    root: client,
    /** Creates a user with these rights; resolves with its connection string. */
    async userWith({ roles = [], actions = [], monitors = false }: Rights): Promise<string> {
      const name = `user-${randomBytes(4).toString('hex')}`;
      const privileges = [{ resource: { db: 'frontrow', collection: '' }, actions }];
      const own = actions.length > 0 ? [`role-${name}`] : [];
      const admin = client.db('admin');
      for (const role of own) await admin.command({ createRole: role, privileges, roles: [] });
      const granted = [
        ...roles.map((role) => ({ role, db: 'frontrow' })),
        ...own.map((role) => ({ role, db: 'admin' })),
        ...(monitors ? [{ role: 'clusterMonitor', db: 'admin' }] : []),
      ];
      await admin.command({ createUser: name, pwd: PASSWORD, roles: granted });
      return uriOf(name);
    },
    async stop(): Promise<void> {
      await client.close();
      await stop();
    },
  };
}
