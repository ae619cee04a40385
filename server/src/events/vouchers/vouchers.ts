import { createHash } from 'node:crypto';
import type { Db } from 'mongodb';
import { Types } from 'mongoose';
import { newVoucherCode, voucherKey } from '#server/booking/rules/code.ts';
import type { Now } from '#server/clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { VoucherDoc } from '#server/models/vouchers/voucher.ts';
import { toVoucher } from '#server/models/vouchers/voucher-view.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import { insertAll } from '#server/mongo/insert-all.ts';
import { CommitTimeout } from '#server/mongo/transaction.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import type { ProviderName } from '#shared/checkout.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { searchWords } from '#shared/text/search-text.ts';
import type { CreateVouchersInput, Voucher, VoucherPage } from '#shared/tickets/voucher.ts';
import { findWhole, findWords } from '../find-text.ts';
import { discountedPrices, voucherIssues, windowIssues } from './voucher-issues.ts';

const { ObjectId } = Types;
const RETRY_AFTER_MS = 1_000;
/** A made code has 50 random bits: a second collision is a defect. */
const MAX_TRIES = 3;
/** How often an update starts again because another organiser was first. */
const MAX_REREADS = 5;
/** A search reads every voucher of the event. */
const MAX_SEARCH_MS = 8_000;

interface VouchersOptions {
  database: Db;
  models: Pick<Models, 'events' | 'vouchers'>;
  withTransaction: WithTransaction;
  /** Why nothing can be sold at this price here; null: it can. */
  priceRefusal: (price: Money) => Refusal | null;
  /** By which this server takes money; null: by none. */
  provider: ProviderName | null;
  /** Numbers in [0, 1), for codes. */
  random: () => number;
  now: Now;
}

export type Vouchers = ReturnType<typeof createVouchers>;

/** The vouchers of events, for organisers. Their uses are counted by the event queue. */
export function createVouchers(options: VouchersOptions) {
  const { database, models, withTransaction, priceRefusal, provider, random, now } = options;
  const { vouchers, events } = models;

  /**
   * Makes vouchers of one event that are alike but for their codes; the same request twice makes them once. Refuses with
   * `NOT_FOUND`, `INVALID_INPUT`, `REQUEST_ID_REUSED`, `UNAVAILABLE`, or `INVALID_STATE`: a cancelled event, a code that
   * the event has already, a price that the payment provider does not take.
   */
  async function create(
    input: CommandInput<'createVouchers'>,
    actor: string,
  ): Promise<Result<{ vouchers: Voucher[] }>> {
    const request = { createdBy: new ObjectId(actor), requestId: input.requestId, requestDigest: digestOf(input) };
    const earlier = await findRequest(request);
    if (earlier) return earlier;
    const event = await events.findById(input.eventId).lean<EventDoc>();
    if (!event) return refuse('NOT_FOUND');
    const error = newVoucherRefusal(event, input);
    return error ? { ok: false, error } : insert(event, input, request);
  }

  function newVoucherRefusal(event: EventDoc, input: CreateVouchersInput): Refusal | null {
    if (event.status === 'cancelled') return refuse('INVALID_STATE', { details: { status: 'cancelled' } }).error;
    const issues = voucherIssues(event, input);
    if (issues.length > 0) return refuse('INVALID_INPUT', { issues }).error;
    return (
      discountedPrices(event, input, provider)
        .map(priceRefusal)
        .find((refusal) => refusal !== null) ?? null
    );
  }

  async function insert(
    event: EventDoc,
    input: CreateVouchersInput,
    request: VoucherRequest,
  ): Promise<Result<{ vouchers: Voucher[] }>> {
    for (let tries = 1; ; tries += 1) {
      const docs = newVouchers(event, input, { ...request, at: now(), random });
      try {
        await withTransaction((session) => insertAll(database, 'vouchers', docs, session));
        return ok({ vouchers: docs.map(toVoucher) });
      } catch (error) {
        if (error instanceof CommitTimeout) return refuse('UNAVAILABLE', { retryAfterMs: RETRY_AFTER_MS });
        if (!isDuplicateKey(error)) throw error;
        // The same request on another connection was faster, or the code is taken.
        const other = await findRequest(request);
        if (other) return other;
        if (input.code !== undefined) return refuse('INVALID_STATE', { details: { reason: 'code_taken' } });
        if (tries === MAX_TRIES) throw error;
      }
    }
  }

  async function findRequest({
    createdBy,
    requestId,
    requestDigest,
  }: VoucherRequest): Promise<Result<{ vouchers: Voucher[] }> | null> {
    const found = await vouchers.find({ createdBy, requestId }).sort({ number: 1 }).lean<VoucherDoc[]>();
    if (found.length === 0) return null;
    const isRepeat = found.every((doc) => doc.requestDigest === requestDigest);
    return isRepeat ? ok({ vouchers: found.map(toVoucher) }) : refuse('REQUEST_ID_REUSED');
  }

  /**
   * Changes limits, window, note, or whether the voucher is disabled; bookings that were made with it keep their price.
   * Refuses with `NOT_FOUND`, `INVALID_INPUT` for a window that ends before it begins, and `SEATS_IN_USE` for fewer
   * tickets than are held and used.
   */
  async function update({ voucherId, changes }: CommandInput<'updateVoucher'>): Promise<Result<Voucher>> {
    const { validFrom, validUntil, ...others } = changes;
    const set = {
      ...others,
      ...(validFrom !== undefined && { validFrom: validFrom === null ? null : new Date(validFrom) }),
      ...(validUntil !== undefined && { validUntil: validUntil === null ? null : new Date(validUntil) }),
    };
    for (let reads = 0; reads < MAX_REREADS; reads += 1) {
      const before = await vouchers.findById(voucherId).lean<VoucherDoc>();
      if (!before) return refuse('NOT_FOUND');
      const issues = windowIssues({ ...before, ...set }).map((issue) => ({
        ...issue,
        path: ['changes', ...issue.path],
      }));
      if (issues.length > 0) return refuse('INVALID_INPUT', { issues });
      const minimum = before.held + before.used;
      if (isBelow(set.maxTickets, minimum)) return refuse('SEATS_IN_USE', { details: { minimum } });
      const after = await vouchers
        .findOneAndUpdate(guardOf(before, set.maxTickets), { $set: set }, { returnDocument: 'after' })
        .lean<VoucherDoc>();
      if (after) return ok(toVoucher(after));
    }
    return refuse('BUSY', { retryAfterMs: RETRY_AFTER_MS });
  }

  /** One page of an event's vouchers, newest first; `query`: part of a code, or words of a note. */
  async function list({
    eventId,
    page,
    limit,
    query = '',
  }: CommandInput<'listVouchers'>): Promise<Result<VoucherPage>> {
    if (!(await events.exists({ _id: eventId }))) return refuse('NOT_FOUND');
    const filter = { eventId: new ObjectId(eventId), ...matching(query) };
    const options = { maxTimeMS: MAX_SEARCH_MS };
    const [total, found] = await Promise.all([
      vouchers.countDocuments(filter, options),
      vouchers
        .find(filter, null, options)
        .sort({ _id: -1 })
        .skip((page - 1) * limit)
        .limit(limit)
        .lean<VoucherDoc[]>(),
    ]);
    return ok({ vouchers: found.map(toVoucher), page, limit, total });
  }

  /** All vouchers of an event, newest first, read while they are consumed, with the event; null if there is none. */
  async function all(eventId: string): Promise<{ event: EventDoc; vouchers: AsyncIterable<VoucherDoc> } | null> {
    const event = await events.findById(eventId).lean<EventDoc>();
    if (!event) return null;
    const found = vouchers.find({ eventId: event._id }).sort({ _id: -1 }).lean<VoucherDoc[]>().cursor();
    return { event, vouchers: found as unknown as AsyncIterable<VoucherDoc> };
  }

  return { create, update, list, all };
}

type VoucherRequest = Pick<VoucherDoc, 'createdBy' | 'requestId' | 'requestDigest'>;

function newVouchers(
  event: EventDoc,
  input: CreateVouchersInput,
  { at, random, ...request }: VoucherRequest & { at: Date; random: () => number },
): VoucherDoc[] {
  return Array.from({ length: input.count }, (_, number) => {
    const code = input.code?.toUpperCase() ?? newVoucherCode(random);
    return {
      _id: new ObjectId(),
      eventId: event._id,
      code,
      key: voucherKey(code),
      percentOff: input.percentOff ?? null,
      amountOff: input.amountOff ?? null,
      opens: input.opens ?? [],
      ticketTypes: input.ticketTypes ?? null,
      maxTickets: input.maxTickets ?? null,
      maxTicketsPerUser: input.maxTicketsPerUser ?? null,
      validFrom: input.validFrom === undefined ? null : new Date(input.validFrom),
      validUntil: input.validUntil === undefined ? null : new Date(input.validUntil),
      note: input.note ?? '',
      disabled: false,
      held: 0,
      used: 0,
      ...request,
      number,
      createdAt: at,
    };
  });
}

function isBelow(maxTickets: number | null | undefined, minimum: number): boolean {
  return typeof maxTickets === 'number' && maxTickets < minimum;
}

/** The stored voucher still has the window that was looked at, and no more uses than its new limit. */
function guardOf({ _id, validFrom, validUntil }: VoucherDoc, maxTickets: number | null | undefined) {
  const window = { _id, validFrom, validUntil };
  if (typeof maxTickets !== 'number') return window;
  return { ...window, $expr: { $lte: [{ $add: ['$held', '$used'] }, maxTickets] } };
}

function matching(query: string): object {
  if (searchWords(query).length === 0) return {};
  const inNote = { $and: findWords(query).map((note) => ({ note })) };
  return { $or: [inNote, { code: findWhole(query.replace(/\s/g, '')) }] };
}

function digestOf({ requestId: _, ...input }: CreateVouchersInput): string {
  const sorted = Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url');
}
