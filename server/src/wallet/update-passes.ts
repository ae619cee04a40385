import type { QueryFilter } from 'mongoose';
import { z } from 'zod';
import type { JobHandler, JobRun } from '#server/jobs/runner.ts';
import type { WalletPassDoc } from '#server/models/accounts/wallet-pass.ts';
import { passesKeptUntil } from '#server/models/accounts/wallet-pass.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { Apns } from './apple/apns.ts';
import type { GoogleWallet } from './google/google-wallet.ts';
import type { PassSubjects } from './pass-subjects.ts';
import type { StoredPasses } from './stored-passes.ts';

/** Passes read at once. */
const BATCH_SIZE = 200;
/** Requests on their way at once. */
const AT_ONCE = 20;

const payloadSchema = z.object({
  eventId: z.string(),
  /** Names the change among those of the event. */
  change: z.string(),
  /** Null: all bookings of the event, which was edited. */
  bookingIds: z.array(z.string()).nullable(),
});

interface UpdatePassesOptions {
  models: Pick<Models, 'walletPasses' | 'events'>;
  subjects: Pick<PassSubjects, 'bySerial'>;
  stored: Pick<StoredPasses, 'forgetToken'>;
  /** Null without keys: passes of before stay as they are. */
  apns: Apns | null;
  google: Pick<GoogleWallet, 'updateEvent' | 'updateTicket'> | null;
}

type PushPass = (pass: WalletPassDoc) => Promise<void>;

/**
 * Brings the passes of changed bookings, or of an edited event, up to date: Apple's devices are notified, and ask for the
 * pass; Google gets it. An interrupted run continues behind the passes that it has noted.
 */
export function createUpdatePassesJob(options: UpdatePassesOptions): JobHandler {
  const { models, apns, google } = options;
  return async (payload, run) => {
    const { eventId, change, bookingIds } = payloadSchema.parse(payload);
    const event = await models.events.findById(eventId).lean<EventDoc>();
    if (!event) return;
    if (bookingIds === null) {
      await models.walletPasses.updateMany({ eventId }, { $set: { keptUntil: passesKeptUntil(event) } });
      await updateClass(options, event, run);
    }
    const service = { $in: [...(apns ? (['apple'] as const) : []), ...(google ? (['google'] as const) : [])] };
    const changed = { eventId, service, ...(bookingIds && { bookingId: { $in: bookingIds } }) };
    await updateAll(options, changed, change, run);
  };
}

/** The event itself, once for all of its passes at Google. */
async function updateClass(
  { models, google }: UpdatePassesOptions,
  event: EventDoc,
  { signal }: JobRun,
): Promise<void> {
  if (!google) return;
  const isSaved = await models.walletPasses.exists({ eventId: event._id, service: 'google' });
  if (isSaved !== null) await google.updateEvent(event, signal);
}

async function updateAll(
  options: UpdatePassesOptions,
  changed: QueryFilter<WalletPassDoc>,
  change: string,
  run: JobRun,
): Promise<void> {
  const { models, apns } = options;
  const left: QueryFilter<WalletPassDoc> = { ...changed, notifiedOf: { $ne: change } };
  const total = await models.walletPasses.countDocuments(left);
  if (total === 0) return;
  const inBatches = async (push: PushPass | null) => {
    for (let done = 0; ;) {
      run.signal.throwIfAborted();
      const batch = await models.walletPasses.find(left).sort({ _id: 1 }).limit(BATCH_SIZE).lean<WalletPassDoc[]>();
      if (batch.length === 0) return;
      await updateBatch(options, batch, push, run);
      await models.walletPasses.updateMany(
        { _id: { $in: batch.map(({ _id }) => _id) } },
        { $set: { notifiedOf: change } },
      );
      await run.progress({ done: Math.min(total, (done += batch.length)), total });
    }
  };
  const hasDevices = apns && (await models.walletPasses.exists({ ...left, service: 'apple' })) !== null;
  if (!hasDevices) return inBatches(null);
  return apns.connected(run.signal, (push) =>
    inBatches(async ({ pushToken }) => {
      if ((await push(pushToken)) === 'gone') await options.stored.forgetToken(pushToken);
    }),
  );
}

async function updateBatch(
  { subjects, google }: UpdatePassesOptions,
  batch: readonly WalletPassDoc[],
  push: PushPass | null,
  { signal }: JobRun,
): Promise<void> {
  // One message to a device for all of its passes.
  const devices = new Map(batch.filter(({ service }) => service === 'apple').map((pass) => [pass.pushToken, pass]));
  const saved = batch.filter(({ service }) => service === 'google');
  if (push) await inGroups([...devices.values()], push);
  await inGroups(saved, async ({ serial }) => {
    signal.throwIfAborted();
    const subject = await subjects.bySerial(serial);
    if (subject) await google?.updateTicket(subject, signal);
  });
}

/** Waits for all of a group, also where one fails; then throws the first failure. */
async function inGroups<T>(all: readonly T[], handle: (one: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const outcomes = await Promise.allSettled(all.slice(at, at + AT_ONCE).map(handle));
    const failed = outcomes.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }
}
