import type { Db } from 'mongodb';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import type { StepPosition } from '#server/models/servers/schema-state.ts';

export type MigrationLog = Pick<Log, 'info' | 'warn'>;

/** What a part of a migration works with. */
export interface PartContext {
  database: Db;
  models: Models;
  log: MigrationLog;
  /** Documents that are changed by one command. */
  batchSize: number;
  /** Throws if another process may have taken over the migration. Call before each write. */
  assertHeld(): void;
  /** Where an interrupted run of this part has ended; null at its first run. */
  position: Omit<StepPosition, 'version' | 'part'> | null;
  /** Stores how far the part has come, so that a run after an interruption begins there. */
  savePosition(position: Omit<StepPosition, 'version' | 'part'>): Promise<void>;
}

/** A part of a migration. Running it again changes nothing; a run after an interruption completes it. */
export interface MigrationPart {
  /** Unique in its migration: an imperative, such as "Mark sample events". */
  name: string;
  /** What a run would do now, in a few words, or null if nothing; changes nothing. */
  preview(context: Pick<PartContext, 'database'>): Promise<string | null>;
  run(context: PartContext): Promise<void>;
  /**
   * Whether each later start runs the part again, because a server of the version before may have written meanwhile. For
   * small collections: it looks at all their documents.
   */
  isRepeated?: boolean;
}

/** A numbered step from one version of the stored data to the next. */
export interface Migration {
  /** The version after it: one more than that of the migration before. */
  version: number;
  /** What it is for, such as "Give each event a ticket type". */
  title: string;
  /**
   * The oldest version whose servers may go on, and start again, once this migration begins. The version before, if the
   * step only adds what those servers ignore, and if this version reads what they write.
   */
  compatibleFrom: number;
  parts: readonly MigrationPart[];
}
