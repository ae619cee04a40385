// A process that brings a database to this version in small batches, and kills itself at a given packet to the database,
// before the packet is sent.
import { prepareDatabase } from '#server/migrations/prepare-database.ts';
import { createModels } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { killAtPacket } from '../support/kill-at-packet.ts';

const [mongoUri = '', packets = ''] = process.argv.slice(2);
const connection = await connectMongo(mongoUri);
killAtPacket({ packets: Number(packets), sent: false });
await prepareDatabase({ connection, models: createModels(connection), batchSize: 4, serversEndWithinMs: 0 });
await connection.close();
