import type { Models } from '#server/models/models.ts';
import { createWholeLists } from '#server/models/reads/whole-lists.ts';
import { toWaitlistEntry } from '#server/models/views.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import type { CommandData, CommandInput } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { WaitlistEntry } from '#shared/waitlist.ts';
import type { Engine } from '../engine/engine.ts';
import type { CommandResult } from '../rules/command.ts';
import { newId } from '../store/new-id.ts';
import {
  countEntriesAhead,
  findEntriesOfUser,
  findEntriesOfUsers,
  findNewestEntries,
  hasWaitlistRequest,
} from '../store/queries/waitlist-queries.ts';
import { toWaitlistEntryDoc } from '../store/waitlist-entries.ts';

/** The most entries in a user's own list: entries that still count, and entries that have ended. */
const MAX_ACTIVE = 500;
const MAX_ENDED = 50;

interface WaitlistOptions {
  models: Pick<Models, 'waitlist'>;
  engine: Engine;
}

export type Waitlist = ReturnType<typeof createWaitlist>;

/** The commands of buyers on waiting lists. Writes go through the event's queue; positions are counted on each read. */
export function createWaitlist({ models, engine }: WaitlistOptions) {
  const readAll = createWholeLists((userIds, limit) => findEntriesOfUsers(models, userIds, limit));

  async function join(input: CommandInput<'joinWaitlist'>, userId: string): Promise<Result<WaitlistEntry>> {
    const { eventId, requestId } = input;
    const wanted = 'tickets' in input ? { tickets: input.tickets } : { seats: input.seats };
    const command = { type: 'join', userId, requestId, ...wanted, entryId: newId() } as const;
    const answer = await reply(await engine.submit(eventId.toLowerCase(), command));
    // An event that does not exist has no queue, which would know the user's earlier requests.
    if (!answer.ok && answer.error.code === 'NOT_FOUND' && (await hasWaitlistRequest(models, userId, requestId)))
      return refuse('REQUEST_ID_REUSED');
    return answer;
  }

  /** Leaves the event's waiting list; an offer that stands is declined by this. */
  async function leave(input: CommandInput<'leaveWaitlist'>, userId: string): Promise<Result<WaitlistEntry>> {
    return reply(await engine.submit(input.eventId.toLowerCase(), { type: 'leave', userId }));
  }

  /** A user's newest entries, newest first. */
  async function list(userId: string): Promise<Result<CommandData<'listWaitlist'>>> {
    // Most users have few entries, which one read finds.
    const newest = (await readAll(userId)) ?? (await findNewestEntries(models, userId, { limit: MAX_ENDED + 1 }));
    const listed = newest.length <= MAX_ENDED ? newest : await newestOfBothKinds(userId);
    return ok({ entries: await Promise.all(listed.map(show)) });
  }

  async function newestOfBothKinds(userId: string): Promise<WaitlistEntryDoc[]> {
    const [active, ended] = await Promise.all([
      findNewestEntries(models, userId, { active: true, limit: MAX_ACTIVE }),
      findNewestEntries(models, userId, { active: false, limit: MAX_ENDED }),
    ]);
    return [...active, ...ended].sort((a, b) => (a._id.toHexString() < b._id.toHexString() ? 1 : -1));
  }

  /** All entries of a user, newest first. */
  async function all(userId: string): Promise<WaitlistEntry[]> {
    return Promise.all((await findEntriesOfUser(models, userId)).map(show));
  }

  async function reply({ outcome }: CommandResult): Promise<Result<WaitlistEntry>> {
    if (!outcome.ok) return outcome;
    if (!('waitlistEntry' in outcome)) throw new Error('A command on the waiting list was decided without an entry');
    return ok(await show(toWaitlistEntryDoc(outcome.waitlistEntry)));
  }

  /** The entry with its position, which is not stored: the number of waiting entries ahead, plus one. */
  async function show(doc: WaitlistEntryDoc): Promise<WaitlistEntry> {
    const position = doc.status === 'waiting' ? (await countEntriesAhead(models, doc)) + 1 : null;
    return toWaitlistEntry(doc, position);
  }

  return { join, leave, list, all };
}
