/** What a worker has to know beyond the settings, which it reads itself. */
export interface Orders {
  mongoUri: string;
  /** Whether the database is the embedded one, which the primary runs. */
  embedded: boolean;
  /** The public port; 0: any free one, the same for all. */
  port: number;
  /** Whether this worker fills an empty database with sample data: one of them does. */
  prepares: boolean;
}

/** Worker to primary. `inside`: its own port, by which the others pass on what belongs to it. */
export type Report = { kind: 'hello' } | { kind: 'inside'; port: number } | { kind: 'ready'; port: number };

/** Primary to worker. `peers`: the inside port of each worker, by its id. */
export type Word = ({ kind: 'orders' } & Orders) | { kind: 'peers'; ports: [number, number][] };
