import { Types } from 'mongoose';
import type { Models } from '#server/models/models.ts';
import { toWaitlistEntry } from '#server/models/views.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import type { CommandData, CommandInput } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { WaitlistEntry } from '#shared/waitlist.ts';
import type { Engine } from '../engine/engine.ts';
import { toWaitlistEntryDoc } from '../store/waitlist-entries.ts';
import type { CommandResult } from '../rules/command.ts';

const { ObjectId } = Types;

/** One's own list shows so many entries that still count, and so many that have ended. */
const MOST_ACTIVE = 500;
const MOST_ENDED = 50;

export interface WaitlistOptions {
  models: Pick<Models, 'waitlist'>;
  engine: Engine;
}

/** What people do on waiting lists. Writes go through the event's queue, positions are counted when they are shown. */
export function createWaitlist({ models, engine }: WaitlistOptions) {
  async function join(input: CommandInput<'joinWaitlist'>, userId: string): Promise<Result<WaitlistEntry>> {
    const { eventId, requestId, seats } = input;
    const entryId = new ObjectId().toHexString();
    const command = { type: 'join', userId, requestId, seats, entryId } as const;
    const answer = await reply(await engine.submit(eventId.toLowerCase(), command));
    if (answer.ok || answer.error.code !== 'NOT_FOUND') return answer;
    // An event that does not exist has no queue, which would know what a request has made before.
    const earlier = await models.waitlist.exists({ userId: new ObjectId(userId), 'requests.requestId': requestId });
    return earlier ? refuse('REQUEST_ID_REUSED') : answer;
  }

  /** While an offer stands this declines it. */
  async function leave(input: CommandInput<'leaveWaitlist'>, userId: string): Promise<Result<WaitlistEntry>> {
    return reply(await engine.submit(input.eventId.toLowerCase(), { type: 'leave', userId }));
  }

  /** One's own entries, newest first. */
  async function list(userId: string): Promise<Result<CommandData<'listWaitlist'>>> {
    const [active, ended] = await Promise.all([find(userId, true, MOST_ACTIVE), find(userId, false, MOST_ENDED)]);
    const newestFirst = [...active, ...ended].sort((a, b) => (a._id.toHexString() < b._id.toHexString() ? 1 : -1));
    return ok({ entries: await Promise.all(newestFirst.map(shown)) });
  }

  /** Every entry there ever was. */
  async function all(userId: string): Promise<WaitlistEntry[]> {
    const found = await models.waitlist.find({ userId }).sort({ _id: -1 }).lean<WaitlistEntryDoc[]>();
    return Promise.all(found.map(shown));
  }

  function find(userId: string, active: boolean, most: number): Promise<WaitlistEntryDoc[]> {
    const own = { userId: new ObjectId(userId), active };
    return models.waitlist.find(own).sort({ _id: -1 }).limit(most).lean<WaitlistEntryDoc[]>().exec();
  }

  async function reply({ outcome }: CommandResult): Promise<Result<WaitlistEntry>> {
    if (!outcome.ok) return outcome;
    if (!('waitlistEntry' in outcome)) throw new Error('A command of the waiting list was settled without an entry');
    return ok(await shown(toWaitlistEntryDoc(outcome.waitlistEntry)));
  }

  /** With its position, which is derived and never stored: the waiting entries ahead plus one. */
  async function shown(doc: WaitlistEntryDoc): Promise<WaitlistEntry> {
    if (doc.status !== 'waiting') return toWaitlistEntry(doc, null);
    const { eventId, place } = doc;
    const ahead = await models.waitlist.countDocuments({ eventId, status: 'waiting', place: { $lt: place } });
    return toWaitlistEntry(doc, ahead + 1);
  }

  return { join, leave, list, all };
}

export type Waitlist = ReturnType<typeof createWaitlist>;
