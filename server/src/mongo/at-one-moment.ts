import type { ClientSession, MongoClient } from 'mongodb';
import mongoose from 'mongoose';

/** Error codes that say that this moment cannot be read (any more): the next can. */
const MOMENT_GONE = new Set([239, 246]);
const MOST_MOMENTS = 5;

/** Reads within `body` all see the database as of one moment. */
export async function atOneMoment<T>(client: MongoClient, body: (session: ClientSession) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await client.withSession({ snapshot: true }, body);
    } catch (error) {
      const gone = error instanceof mongoose.mongo.MongoServerError && MOMENT_GONE.has(Number(error.code));
      if (!gone || tries === MOST_MOMENTS) throw error;
    }
  }
}
