import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTcp, createServer } from 'node:net';
import type { ChangeStreamOptions, Db, Document } from 'mongodb';
import mongoose from 'mongoose';
import { onTestFinished } from 'vitest';

const { MongoClient, MongoNetworkError } = mongoose.mongo;

/** Kills every change stream of this test's database, as an operator or a restart of the database would. */
export async function killCursors(uri: string): Promise<void> {
  const client = new MongoClient(uri);
  const name = new URL(uri).pathname.slice(1);
  const idle = [
    { $currentOp: { idleCursors: true, allUsers: true, localOps: true } },
    { $match: { ns: new RegExp(`^${name}\\.`) } },
  ];
  // For an instant, between two questions, a cursor is listed neither as idle nor as in use.
  for (let killed = 0; killed === 0;) {
    for await (const { cursor, ns } of client.db('admin').aggregate(idle)) {
      if (!cursor) continue;
      const collection = (ns as string).slice(name.length + 1);
      const reply = await client.db(name).command({ killCursors: collection, cursors: [cursor.cursorId] });
      killed += (reply['cursorsKilled'] as unknown[]).length;
    }
  }
  await client.close();
}

/**
 * Notes how often the feed opens a stream. It can let the feed resume from a place that is long gone, which the database
 * itself refuses, and take the way to the database away.
 */
export function watchOpenings(database: Db) {
  const watch = database.watch.bind(database);
  const openings: ('anew' | 'resumed')[] = [];
  const way = { aged: false, down: false };
  database.watch = ((pipeline: Document[], { resumeAfter, ...options }: ChangeStreamOptions) => {
    if (way.down) throw new MongoNetworkError('no way');
    openings.push(resumeAfter ? 'resumed' : 'anew');
    if (!resumeAfter) return watch(pipeline, options);
    // A token begins with its type and the seconds of its time: the first second of 1970 no oplog remembers.
    const { _data } = resumeAfter as { _data: string };
    const token = way.aged ? { _data: _data.replace(/^82[0-9A-F]{8}/, '8200000001') } : resumeAfter;
    return watch(pipeline, { ...options, resumeAfter: token });
  }) as Db['watch'];
  return { openings, way };
}

/** A TCP proxy to the database that can be cut and healed: the driver sees a network that is gone. */
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
