// A process that owns an embedded database, for tests that kill it. Arguments: data folder, path of mongod.
import { startEmbedded } from './embedded.ts';

const [dataDir = '', binary = ''] = process.argv.slice(2);
const embedded = await startEmbedded({ dataDir, binary, log: { info: () => undefined, error: console.error } });
process.send?.({ uri: embedded.uri, mongodPid: embedded.pid() });
// The channel to the test keeps the process running.
process.on('message', () => undefined);
