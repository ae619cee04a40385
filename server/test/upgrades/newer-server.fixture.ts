// A server of the next version: this one with one more migration. Prints its address, and ends with its standard input.
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createApp } from '#server/app/app.ts';
import { readBuild } from '#server/build.ts';
import { readConfig } from '#server/config.ts';
import { nextVersion } from '../support/old-data/next-version.ts';

const [mongoUri = ''] = process.argv.slice(2);
const app = await createApp({
  config: readConfig({ RATE_LIMITS: 'off' }),
  build: readBuild(),
  mongoUri,
  pages: null,
  log: pino({ level: 'error' }, pino.destination(2)),
  test: { migrations: nextVersion() },
});
await app.start();
await app.http.listen({ port: 0, host: '127.0.0.1' });
console.log(`http://127.0.0.1:${(app.http.server.address() as AddressInfo).port}`);
process.stdin.resume().on('end', () => void app.close().then(() => process.exit(0)));
