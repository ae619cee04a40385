import type { ClientSession, MongoClient } from 'mongodb';
import mongoose from 'mongoose';

/** SnapshotTooOld and SnapshotUnavailable: this moment cannot be read, a later one can. */
const MOMENT_GONE = new Set([239, 246]);
const MAX_TRIES = 5;

/** Runs `body` in a session whose reads all see the database as of one moment. Runs it again if that moment is gone. */
export async function atOneMoment<T>(client: MongoClient, body: (session: ClientSession) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await client.withSession({ snapshot: true }, body);
    } catch (error) {
      const gone = error instanceof mongoose.mongo.MongoServerError && MOMENT_GONE.has(Number(error.code));
      if (!gone || tries === MAX_TRIES) throw error;
    }
  }
}
