import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { inject } from 'vitest';
import { freePort } from '../free-port.ts';
import { scratchFolder } from '../scratch-folder.ts';

const SET = 'three';
/** The set detects a dead primary after one second; the default is ten seconds, which a test would only wait for. */
const SETTINGS = { electionTimeoutMillis: 1_000, heartbeatIntervalMillis: 200 };

interface Member {
  port: number;
  folder: string;
  process: ChildProcess | null;
}

export type ReplicaSet = Awaited<ReturnType<typeof replicaSet>>;

/** A replica set of three mongods that a test can kill one by one; `stop` ends all of them. */
export async function replicaSet() {
  const folder = await scratchFolder('set');
  const members: Member[] = [];
  for (const name of ['a', 'b', 'c'])
    members.push({ port: await freePort(), folder: join(folder, name), process: null });
  await Promise.all(members.map(start));
  const hosts = members.map(({ port }) => `127.0.0.1:${port}`);
  await initiate(hosts);
  const uri = `mongodb://${hosts.join(',')}/frontrow?replicaSet=${SET}`;
  const client = await mongo.MongoClient.connect(uri, { readPreference: 'primaryPreferred' });

  async function primary(): Promise<Member> {
    const { primary: host } = await client.db('admin').command({ hello: 1 });
    const found = members.find(({ port }) => host === `127.0.0.1:${port}`);
    if (!found) throw new Error('The set has no primary');
    return found;
  }

  return {
    uri,
    /** Kills the primary with SIGKILL. */
    killPrimary: async () => kill(await primary()),
    /** Restarts the killed mongods. */
    startAll: () => Promise.all(members.filter(({ process }) => process === null).map(start)),
    async stop(): Promise<void> {
      await client.close();
      await Promise.all(members.map(kill));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function start(member: Member): Promise<void> {
  await mkdir(member.folder, { recursive: true });
  const child = spawn(inject('mongodBinary'), argumentsOf(member), { stdio: ['ignore', 'pipe', 'ignore'] });
  member.process = child;
  await new Promise<void>((resolve, reject) => {
    let written = '';
    child.stdout.on('data', (chunk: Buffer) => {
      written = (written + String(chunk)).slice(-20_000);
      if (written.includes('Waiting for connections')) resolve();
    });
    child.once('close', () => reject(new Error(`A mongod ended: ${written}`)));
  });
}

function argumentsOf({ port, folder }: Member): string[] {
  return [
    '--replSet',
    SET,
    '--port',
    String(port),
    '--bind_ip',
    '127.0.0.1',
    '--dbpath',
    folder,
    '--nounixsocket',
    '--wiredTigerCacheSizeGB',
    '0.25',
    '--oplogSize',
    '64',
    '--setParameter',
    'diagnosticDataCollectionEnabled=false',
  ];
}

async function kill(member: Member): Promise<void> {
  const child = member.process;
  if (!child) return;
  member.process = null;
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
}

async function initiate(hosts: readonly string[]): Promise<void> {
  const client = await mongo.MongoClient.connect(`mongodb://${hosts[0]}/?directConnection=true`);
  const members = hosts.map((host, _id) => ({ _id, host }));
  await client.db('admin').command({ replSetInitiate: { _id: SET, members, settings: SETTINGS } });
  // Wait until all members have the data, so that each can become primary when the others die.
  for (;;) {
    const status = (await client.db('admin').command({ replSetGetStatus: 1 })) as { members: { stateStr: string }[] };
    const states = status.members.map(({ stateStr }) => stateStr).sort();
    if (states.join() === 'PRIMARY,SECONDARY,SECONDARY') break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await client.close();
}
