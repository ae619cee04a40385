import { measureBroadcast, measureWatchedSale } from '../fan-out/broadcast-figures.ts';
import { measureLastClient } from '../fan-out/last-client.ts';
import { measureIdleClients } from '../idle/idle-clients.ts';
import { measureListReads } from '../lists/list-reads.ts';
import { measureHotSale } from '../sale/hot-sale.ts';
import { measureTwoServers } from '../sale/two-servers.ts';
import { measureFull, measureLone } from './answer-times.ts';
import type { MeasureGroup } from './group.ts';

/** By the name that `--only` takes, in the order in which they are measured. */
export const GROUPS: Readonly<Record<string, MeasureGroup>> = {
  sale: measureHotSale,
  servers: measureTwoServers,
  lone: measureLone,
  full: measureFull,
  broadcast: measureBroadcast,
  watchers: measureWatchedSale,
  last: measureLastClient,
  idle: measureIdleClients,
  lists: measureListReads,
};
