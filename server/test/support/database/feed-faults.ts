import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTcp, createServer } from 'node:net';
import type { ChangeStreamOptions, Db, Document } from 'mongodb';
import mongoose from 'mongoose';
import { onTestFinished, vi } from 'vitest';

const { MongoClient, MongoNetworkError } = mongoose.mongo;

/** A resume token that no oplog holds: the first second of 1970, a collection and a document that never existed. */
const FORGOTTEN = {
  _data: `8200000001000000012B022C0100296E5A1004${'0'.repeat(32)}46645F69640064${'0'.repeat(24)}0004`,
};

/**
 * Kills the change stream of this database in the middle of a read, as an operator would, until the feed has noticed:
 * a cursor that is killed between two reads is replaced by the driver itself.
 */
export async function interruptFeed(uri: string, { counts }: { counts: { reopened: number } }): Promise<void> {
  const before = counts.reopened;
  const isNoticed = () => counts.reopened > before;
  while (!isNoticed()) {
    await killCursors(uri, isNoticed);
    await vi.waitUntil(isNoticed, { timeout: 2_000, interval: 5 }).catch(() => undefined);
  }
}

async function killCursors(uri: string, isNoticed: () => boolean): Promise<void> {
  const client = new MongoClient(uri);
  const name = new URL(uri).pathname.slice(1);
  const inUse = [
    { $currentOp: { allUsers: true, localOps: true } },
    { $match: { ns: new RegExp(`^${name}\\.`), op: 'getmore' } },
  ];
  for (let killed = 0; killed === 0 && !isNoticed();) {
    for await (const { cursor, ns } of client.db('admin').aggregate(inUse)) {
      if (!cursor) continue;
      const collection = (ns as string).slice(name.length + 1);
      const reply = await client.db(name).command({ killCursors: collection, cursors: [cursor.cursorId] });
      killed += (reply['cursorsKilled'] as unknown[]).length;
    }
  }
  await client.close();
}

/**
 * Records how the feed opens its change streams. `way.aged` replaces the resume token with one that the database
 * refuses; `way.down` makes every opening fail as if the database were unreachable.
 */
export function watchOpenings(database: Db) {
  const watch = database.watch.bind(database);
  const openings: ('anew' | 'resumed')[] = [];
  const way = { aged: false, down: false };
  database.watch = ((pipeline: Document[], { resumeAfter, ...options }: ChangeStreamOptions) => {
    if (way.down) throw new MongoNetworkError('no way');
    openings.push(resumeAfter ? 'resumed' : 'anew');
    if (!resumeAfter) return watch(pipeline, options);
    // An older time in the feed's own token is not enough: if it names no event, a database with a young oplog resumes.
    const token = way.aged ? FORGOTTEN : resumeAfter;
    return watch(pipeline, { ...options, resumeAfter: token });
  }) as Db['watch'];
  return { openings, way };
}

/** A TCP proxy to the database: `cut` closes all connections and refuses new ones, `heal` accepts new ones again. */
export async function tcpProxy() {
  const pairs = new Set<Socket>();
  let target = { host: '', port: 0 };
  let open = true;
  const server = createServer((inner) => {
    if (!open) return void inner.destroy();
    const outer = connectTcp(target);
    for (const socket of [inner, outer]) {
      pairs.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => pairs.delete(socket));
    }
    inner.on('close', () => outer.destroy());
    outer.on('close', () => inner.destroy());
    inner.pipe(outer).pipe(inner);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  function cut(): void {
    open = false;
    for (const socket of pairs) socket.destroy();
  }
  onTestFinished(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    through: async (uri: string) => {
      const direct = new URL(uri);
      target = { host: direct.hostname, port: Number(direct.port) };
      direct.host = `127.0.0.1:${port}`;
      direct.search = '?directConnection=true';
      return direct.href;
    },
    cut,
    heal: () => void (open = true),
  };
}
