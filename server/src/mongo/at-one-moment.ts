import type { ClientSession, MongoClient } from 'mongodb';
import mongoose from 'mongoose';

/** SnapshotTooOld and SnapshotUnavailable: this moment cannot be read, a later one can. */
const MOMENT_GONE = new Set<unknown>([239, 246]);
const MAX_TRIES = 5;

/** Runs `body` in a session whose reads all see the database as of one moment. Runs it again if that moment is gone. */
export async function atOneMoment<T>(client: MongoClient, body: (session: ClientSession) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await client.withSession({ snapshot: true }, body);
    } catch (error) {
      if (!isMomentGone(error) || tries === MAX_TRIES) throw error;
    }
  }
}

/** Whether the moment of a session is too old, or one at which a collection was just being changed. */
export function isMomentGone(error: unknown): error is mongoose.mongo.MongoServerError {
  return error instanceof mongoose.mongo.MongoServerError && MOMENT_GONE.has(error.code);
}
