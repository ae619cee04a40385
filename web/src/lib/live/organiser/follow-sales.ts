import type { SalesFigures } from '#shared/organiser.ts';
import type { Connection } from '../connection/connection.svelte.ts';

/** The least time between two loads after sales, in milliseconds. */
const ASK_AGAIN_MS = 2_000;

export interface FollowOptions {
  /** Calls back after `ms`, unless the returned function is called first. */
  later: (callback: () => void, ms: number) => () => void;
}

/** The part of a connection that `followSales` listens to. */
type Followed = Pick<Connection, 'on' | 'onConnected'>;

/**
 * Calls `load` at once, with each new connection, and at most every two seconds after a `salesChanged` push for which
 * `heard` returns true. Returns the function that ends this.
 */
export function followSales(
  connection: Followed,
  { later }: FollowOptions,
  load: () => void,
  heard: (changes: readonly SalesFigures[]) => boolean,
): () => void {
  let cancelDue: (() => void) | null = null;
  const soon = () => {
    cancelDue ??= later(() => {
      cancelDue = null;
      load();
    }, ASK_AGAIN_MS);
  };
  load();
  const stopListening = connection.on('salesChanged', ({ changes }) => {
    if (heard(changes)) soon();
  });
  const stopAsking = connection.onConnected(load);
  return () => {
    stopListening();
    stopAsking();
    cancelDue?.();
    cancelDue = null;
  };
}
