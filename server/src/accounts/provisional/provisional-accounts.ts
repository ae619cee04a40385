import type { ClientSession } from 'mongoose';
import { Types } from 'mongoose';
import type { Locale } from '#shared/account.ts';
import type { TakenOver } from '#shared/accounts/taken-over.ts';
import type { Booking } from '#shared/booking.ts';
import type { ErrorCode, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { Log } from '#server/log.ts';
import type { ProvisionalAccountDoc } from '#server/models/accounts/provisional-account.ts';
import { toSessionUser } from '#server/models/accounts/provisional-account.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import type { SharedCounts } from '../guessing/shared-counts.ts';
import type { Identity, OpenSession, Sessions } from '../sessions.ts';

/** Provisional accounts that one network may have at a time: a household, and some of a school that shares an address. */
const MOST_PER_NETWORK = 10;
const RETRY_AFTER_MS = 60_000;

/** The holds of provisional accounts; ids are 24 hex digits. */
export interface ProvisionalHolds {
  /** The holds of this account that no other one has taken over. */
  ofAccount(accountId: string): Promise<{ bookingId: string; eventId: string }[]>;
  /** The hold as its owner sees it; null if it is gone. */
  show(bookingId: string, ownerId: string): Promise<Booking | null>;
  /** Gives a hold to an account in its event's queue; a refusal leaves it as it was. Repeating it changes nothing. */
  adopt(hold: { bookingId: string; eventId: string }, fromId: string, ownerId: string): Promise<Result<Booking>>;
}

interface ProvisionalAccountsDeps {
  config: Pick<Config, 'rateLimits' | 'holdBeforeSignIn'>;
  models: Pick<Models, 'provisionalAccounts'>;
  sessions: Sessions;
  counts: Pick<SharedCounts, 'networkPseudonym'>;
  holds: ProvisionalHolds;
  now: Now;
  log: Pick<Log, 'error'>;
}

/** The client of a visitor. */
interface VisitorClient {
  /** Its IP address. */
  address: string;
  /** Browser and system, in words. */
  device: string;
  locale: Locale;
}

export type ProvisionalAccounts = ReturnType<typeof createProvisionalAccounts>;

/** Refusals after which the same attempt may succeed. */
const TEMPORARY: ReadonlySet<ErrorCode> = new Set(['BUSY', 'UNAVAILABLE']);

/** Refusals of what is no hold any more. */
const ENDED: ReadonlySet<ErrorCode> = new Set(['INVALID_STATE', 'NOT_FOUND']);

/**
 * Accounts of visitors who hold seats first and prove an address while the hold runs. Proving one gives the holds to the
 * account of that address: `takeOver` notes in one write which one, `handOver` carries it out and may be repeated.
 */
export function createProvisionalAccounts(deps: ProvisionalAccountsDeps) {
  const { config, sessions, counts, holds, now, log } = deps;
  const { provisionalAccounts } = deps.models;

  /** Opens a provisional account, or the one again whose session the visitor has. FORBIDDEN, INVALID_STATE, RATE_LIMITED. */
  async function open(present: Identity | null, client: VisitorClient): Promise<Result<Identity & OpenSession>> {
    if (present?.user.provisional) return ok({ ...present, token: sessions.tokenOf(present.session) });
    if (present) return refuse('INVALID_STATE', { details: { signedIn: true } });
    if (!config.holdBeforeSignIn) return refuse('FORBIDDEN', { details: { provisional: false } });
    const account = await create(client);
    if (account === null)
      return refuse('RATE_LIMITED', { details: { provisional: true }, retryAfterMs: RETRY_AFTER_MS });
    const user = toSessionUser(account);
    return ok({ user, ...(await sessions.open(user, client.device)) });
  }

  /** Null if the visitor's network has as many of these accounts as it may have. */
  async function create({ address, locale }: VisitorClient): Promise<ProvisionalAccountDoc | null> {
    const account: ProvisionalAccountDoc = { _id: new Types.ObjectId(), locale, createdAt: now() };
    if (!config.rateLimits) {
      await provisionalAccounts.collection.insertOne(account);
      return account;
    }
    const network = counts.networkPseudonym(address);
    // Each round is lost to a visitor who gets a slot, of which there are few.
    for (let round = 0; round <= MOST_PER_NETWORK; round += 1) {
      const number = await freeSlot(network);
      if (number === null) return null;
      const slotted = { ...account, slot: { network, number } };
      if (await insertOnce(slotted)) return slotted;
    }
    return null;
  }

  async function freeSlot(network: string): Promise<number | null> {
    // `$type` repeats the partial index's own filter, as in booking/store/queries/requests.ts.
    const found = await provisionalAccounts
      .find({ 'slot.network': { $eq: network, $type: 'string' } } as object, { slot: 1 })
      .lean<ProvisionalAccountDoc[]>();
    const taken = new Set(found.map(({ slot }) => slot?.number));
    const free = Array.from({ length: MOST_PER_NETWORK }, (_, number) => number).find((number) => !taken.has(number));
    return free ?? null;
  }

  async function insertOnce(account: ProvisionalAccountDoc): Promise<boolean> {
    try {
      await provisionalAccounts.collection.insertOne(account);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /**
   * Notes which account takes the holds over, in a transaction if its session is given. False if the provisional account
   * is gone, or another one takes them over.
   */
  async function takeOver(id: Types.ObjectId, ownerId: Types.ObjectId, session?: ClientSession): Promise<boolean> {
    const open = { _id: id, takenOverBy: { $exists: false } };
    const options = session ? { session } : {};
    const change = { takenOverBy: ownerId, takenOverAt: now() };
    const { matchedCount } = await provisionalAccounts.updateOne(open, { $set: change }, options);
    return matchedCount === 1;
  }

  /**
   * Gives the holds of an account that was taken over to its new owner, and ends its provisional sessions. Deletes the
   * account unless an owner's limits have refused a hold: then it stays until the hold has ended. What an event's queue
   * could not do now is left to the sweep. Null if nothing was to be done.
   */
  async function handOver(id: Types.ObjectId): Promise<TakenOver | null> {
    const account = await provisionalAccounts.findById(id).lean<ProvisionalAccountDoc>();
    if (!account?.takenOverBy || account.handedOverAt) return null;
    const [fromId, ownerId] = [id.toHexString(), account.takenOverBy.toHexString()];
    const result: TakenOver = { adopted: [], refused: [] };
    let isOpen = false;
    for (const hold of await holds.ofAccount(fromId)) {
      const reply = await holds.adopt(hold, fromId, ownerId);
      if (reply.ok) result.adopted.push(reply.data);
      else if (TEMPORARY.has(reply.error.code)) isOpen = true;
      else if (!ENDED.has(reply.error.code)) await addRefused(result, hold.bookingId, fromId, reply.error);
    }
    // Before the account goes: without it nothing would lead to its sessions any more.
    await sessions.endAll(id, 'logged_out', { provisional: true });
    if (!isOpen) await close(id, result.refused.length > 0);
    return result;
  }

  /** Like `handOver`, for the answer to a sign-in, which no failure holds up: the sweep tries again. */
  async function handOverNow(id: Types.ObjectId): Promise<TakenOver | null> {
    try {
      return await handOver(id);
    } catch (error) {
      log.error({ err: error }, 'Holds could not be given to their new owner; that is tried again');
      return null;
    }
  }

  async function addRefused(
    { refused }: TakenOver,
    bookingId: string,
    fromId: string,
    error: TakenOver['refused'][number]['error'],
  ): Promise<void> {
    const booking = await holds.show(bookingId, fromId);
    if (booking) refused.push({ booking, error });
  }

  async function close(id: Types.ObjectId, hasHolds: boolean): Promise<void> {
    if (hasHolds) await provisionalAccounts.updateOne({ _id: id }, { $set: { handedOverAt: now() } });
    else await provisionalAccounts.deleteOne({ _id: id });
  }

  return { open, takeOver, handOver, handOverNow };
}
