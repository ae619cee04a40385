import type { SalesFigures } from '#shared/organiser.ts';
import type { Connection } from '../connection/connection.svelte.ts';

/** After news of a sale what is not pushed itself is asked for again at most this often. */
const ASK_AGAIN_MS = 2_000;

export interface FollowOptions {
  /** Calls back after that time, unless what it returns is called first. */
  later: (callback: () => void, ms: number) => () => void;
}

export type Followed = Pick<Connection, 'on' | 'onConnected'>;

/**
 * Loads what depends on sales: at once, with each new connection, and a moment after news that are about it (`heard`).
 * Returns how to stop.
 */
export function followSales(
  connection: Followed,
  { later }: FollowOptions,
  load: () => void,
  heard: (changes: readonly SalesFigures[]) => boolean,
): () => void {
  let stopWaiting: (() => void) | null = null;
  const soon = () => {
    stopWaiting ??= later(() => {
      stopWaiting = null;
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
    stopWaiting?.();
    stopWaiting = null;
  };
}
