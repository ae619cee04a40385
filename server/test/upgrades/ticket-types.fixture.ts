// A process that brings a database to this version in small batches, and kills itself at a given packet to the database,
// before the packet is sent.
import { Socket } from 'node:net';
import { prepareDatabase } from '#server/migrations/prepare-database.ts';
import { createModels } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';

const [mongoUri = '', packets = ''] = process.argv.slice(2);
const connection = await connectMongo(mongoUri);
const { write } = Socket.prototype;
let left = Number(packets);
Socket.prototype.write = function (this: Socket, ...args: unknown[]) {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
  return Reflect.apply(write, this, args) as boolean;
} as typeof write;
await prepareDatabase({ connection, models: createModels(connection), batchSize: 4, serversEndWithinMs: 0 });
await connection.close();
