import type { ProcessMetrics, WorkerMetrics } from '../metrics/merge-metrics.ts';

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
export type WorkerMessage =
  | { kind: 'hello' }
  | { kind: 'privatePort'; port: number }
  | { kind: 'ready'; port: number }
  /** A newer Frontrow has changed the database so that no worker may go on. */
  | { kind: 'outgrown' }
  /** Asks for the metrics of all workers. */
  | { kind: 'wantMetrics'; request: number }
  /** Answers `collectMetrics`. */
  | { kind: 'metrics'; collection: number; metrics: ProcessMetrics };

/** Primary to worker. `peers`: pairs of a worker's id and its private port. */
export type PrimaryMessage =
  | ({ kind: 'settings' } & WorkerSettings)
  | { kind: 'peers'; ports: [number, number][] }
  | { kind: 'collectMetrics'; collection: number }
  /** Answers `wantMetrics`. */
  | { kind: 'allMetrics'; request: number; all: WorkerMetrics[] };
