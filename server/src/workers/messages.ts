/** What the primary decides for a worker; all other settings the worker reads itself. */
export interface WorkerSettings {
  mongoUri: string;
  /** Whether the database is the embedded one, which the primary runs. */
  embedded: boolean;
  /** The public port, the same for all workers; 0: any free one. */
  port: number;
  /** Whether this worker prepares the sample data; one of them does. */
  preparesDemoData: boolean;
}

/** Worker to primary. `privatePort`: the worker's own port, by which the others forward its requests to it. */
export type WorkerMessage = { kind: 'hello' } | { kind: 'privatePort'; port: number } | { kind: 'ready'; port: number };

/** Primary to worker. `peers`: pairs of a worker's id and its private port. */
export type PrimaryMessage = ({ kind: 'settings' } & WorkerSettings) | { kind: 'peers'; ports: [number, number][] };
