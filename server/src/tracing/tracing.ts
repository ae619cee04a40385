/** A command in its event's queue, as its trace follows it. */
export interface QueuedTrace {
  /** The batch of the command begins. */
  began(): void;
  /** The batch is committed. */
  committed(commit: TracedCommit): void;
}

/** What a batch has committed. */
export interface TracedCommit {
  eventId: string;
  /** Of the event, after the commit. */
  version: number;
  /** Commands in the batch. */
  size: number;
}

/**
 * Follows each command from the socket to the push: through the queue, the commit and the change feed of this process.
 * Absent unless OTEL_EXPORTER_OTLP_ENDPOINT is set; each part then does without, at the cost of a comparison.
 */
export interface Tracing {
  /** Carries out a command in a trace of its own. */
  follow(command: string, ids: Record<string, string>, carryOut: () => Promise<void>): Promise<void>;
  /** Notes the outcome of the command that is being carried out. */
  answered(outcome: string): void;
  /** The command that is being carried out, as it enters a queue; null outside of a followed command. */
  enter(): QueuedTrace | null;
  /** The change feed has brought the commit that made this version of the event. */
  received(eventId: string, version: number): void;
  /** This version of the event was pushed, and with it each one before. */
  pushed(eventId: string, version: number): void;
  /** Sends what was not sent yet. */
  close(): Promise<void>;
}
