import type { SalesFigures } from '#shared/organiser.ts';
import type { Connection } from '../connection/connection.svelte.ts';
import type { Later } from '../connection/later.ts';

/** The least time between two loads after sales, in milliseconds. */
const ASK_AGAIN_MS = 2_000;

export interface FollowOptions {
  later: Later;
}

/** The part of a connection that is listened to. */
export type Followed = Pick<Connection, 'on' | 'onConnected'>;

/**
 * Calls `load` at once, with each new connection, and at most every two seconds after a `salesChanged` push for which
 * `heard` returns true. Returns the function that ends this.
 */
export function followSales(
  connection: Followed,
  options: FollowOptions,
  load: () => void,
  heard: (changes: readonly SalesFigures[]) => boolean,
): () => void {
  return followPushes(connection, options, load, (soon) => [
    connection.on('salesChanged', ({ changes }) => {
      if (heard(changes)) soon();
    }),
  ]);
}

/**
 * Calls `load` as `followSales` does. `listen` listens to pushes, and calls `soon` for those that `load` follows; it
 * returns what ends its listening.
 */
export function followPushes(
  connection: Followed,
  { later }: FollowOptions,
  load: () => void,
  listen: (soon: () => void) => (() => void)[],
): () => void {
  let cancelDue: (() => void) | null = null;
  const soon = () => {
    cancelDue ??= later(() => {
      cancelDue = null;
      load();
    }, ASK_AGAIN_MS);
  };
  load();
  const stops = [...listen(soon), connection.onConnected(load)];
  return () => {
    for (const stop of stops) stop();
    cancelDue?.();
    cancelDue = null;
  };
}
