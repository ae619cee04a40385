import type { FigureRound } from './figure.ts';
import type { FigureId } from './figure-lines.ts';

/** Sizes of the measurements. */
export interface GroupSizes {
  rounds: number;
  /** Length of each measurement in a round. */
  seconds: number;
  /** Buyers on one hot event, one in-flight command each. */
  sockets: number;
  /** Buyers who send more than the server can take. */
  crowd: number;
  /** Published events of the lists. */
  events: number;
  /** Idle clients, of which the first tenth is connected before the memory is read for the first time. */
  clients: number;
  /** Watchers of a sale. */
  watchers: number;
  /** The number of clients that get frames without a pause. */
  audience: number;
  /** The number of clients for the time until the last one has its push. */
  lastClients: number;
}

export interface GroupContext {
  sizes: GroupSizes;
  /** Ends the measurements early. */
  signal: AbortSignal;
  log: (line: string) => void;
}

/** What a group has measured; costs are by name, in the unit that the name ends with. */
export interface GroupFigures {
  rounds: Partial<Record<FigureId, FigureRound[]>>;
  costs?: Readonly<Record<string, number>>;
}

/** Measures some of the figures on databases and servers of its own; value and baseline take turns in each round. */
export type MeasureGroup = (context: GroupContext) => Promise<GroupFigures>;
