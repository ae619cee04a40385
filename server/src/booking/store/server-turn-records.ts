import type { ClientSession } from 'mongodb';
import { Types } from 'mongoose';
import type { ServerTurnDoc } from '#server/models/servers/server-turn.ts';
import type { BookingStore } from './collections.ts';

const { ObjectId } = Types;

/** The servers that wait for their turn on one event, as this server sees them. */
interface TurnQueue {
  /** Grows with every change of the queue. */
  steps: number;
  /** Whether no other server is ahead of this one. */
  isFirst: boolean;
  hasOthers: boolean;
}

/** The stored queues of servers, one document an event. Each call of this function is a server of its own. */
export function createServerTurnRecords({ serverTurns }: Pick<BookingStore, 'serverTurns'>) {
  const self = new ObjectId();
  const joining = joinQueuePipeline(self);
  const taking = takeTurnPipeline(self);

  function toTurnQueue(doc: ServerTurnDoc | null): TurnQueue {
    const servers = doc?.line ?? [];
    return {
      steps: doc?.steps ?? 0,
      isFirst: servers[0]?.equals(self) ?? true,
      hasOthers: servers.some((server) => !server.equals(self)),
    };
  }

  return {
    async read(eventId: string): Promise<TurnQueue> {
      return toTurnQueue(await serverTurns.findOne({ _id: ObjectId.createFromHexString(eventId) }));
    },
    /**
     * Puts this server at the end of the queue. A write outside a transaction waits in the database for the one that
     * holds the document.
     */
    async join(eventId: string, timeoutMs: number): Promise<TurnQueue> {
      // A lost place in the queue costs speed only: the write need not be on disk.
      const durability = { maxTimeMS: timeoutMs, writeConcern: { w: 1 } } as const;
      const options = { ...durability, upsert: true, returnDocument: 'after' } as const;
      return toTurnQueue(
        await serverTurns.findOneAndUpdate({ _id: ObjectId.createFromHexString(eventId) }, joining, options),
      );
    },
    /**
     * Makes this server the holder of the turn until the transaction of `session` ends; whether another server was it
     * before.
     */
    async take(eventId: string, session: ClientSession): Promise<boolean> {
      const _id = ObjectId.createFromHexString(eventId);
      const before = await serverTurns.findOneAndUpdate({ _id }, taking, { session, upsert: true });
      return before?.holder ? !before.holder.equals(self) : false;
    },
  };
}

const QUEUE = { $ifNull: ['$line', []] };
const STEPS = { $add: [{ $ifNull: ['$steps', 0] }, 1] };

/** Adds a server at the end of the queue unless it is in it. */
function joinQueuePipeline(server: Types.ObjectId): object[] {
  const line = { $cond: [{ $in: [server, QUEUE] }, QUEUE, { $concatArrays: [QUEUE, [server]] }] };
  return [{ $set: { line, steps: STEPS, holder: { $ifNull: ['$holder', null] } } }];
}

/** Removes a server from the queue, and all ahead of it: they have let their turn pass. */
function takeTurnPipeline(server: Types.ObjectId): object[] {
  const index = { $indexOfArray: [QUEUE, server] };
  const rest = { $slice: [QUEUE, { $add: [index, 1] }, { $max: [1, { $size: QUEUE }] }] };
  return [{ $set: { line: { $cond: [{ $gte: [index, 0] }, rest, QUEUE] }, steps: STEPS, holder: server } }];
}
