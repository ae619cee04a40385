import type { Now } from '#server/clock.ts';
import type { WalletPassDoc } from '#server/models/accounts/wallet-pass.ts';
import { passesKeptUntil } from '#server/models/accounts/wallet-pass.ts';
import type { Models } from '#server/models/models.ts';
import { insertedOnce } from '#server/mongo/duplicate-key.ts';
import type { PassSubject } from './pass-subjects.ts';

/** Devices on which one ticket is stored; the oldest beyond it are forgotten. */
const MOST_DEVICES = 100;
const NEWEST_FIRST = -1;
/** Passes of one device that are looked at when it asks what has changed. */
const MOST_PASSES = 500;

export type StoredPasses = ReturnType<typeof createStoredPasses>;

/** The passes that are to be kept up to date. */
export function createStoredPasses({ models, now }: { models: Pick<Models, 'walletPasses' | 'users'>; now: Now }) {
  const { walletPasses, users } = models;

  function factsOf({ booking, event }: PassSubject) {
    const { _id: bookingId, userId } = booking;
    return { bookingId, userId, eventId: event._id, keptUntil: passesKeptUntil(event) };
  }

  async function put(
    pass: Pick<WalletPassDoc, 'service' | 'device' | 'serial'>,
    pushToken: string,
    subject: PassSubject,
  ): Promise<'new' | 'known'> {
    const change = { $set: { ...factsOf(subject), pushToken }, $setOnInsert: { notifiedOf: null, createdAt: now() } };
    const { upsertedCount } = await insertedOnce(() => walletPasses.updateOne(pass, change, { upsert: true }));
    return upsertedCount === 1 ? 'new' : 'known';
  }

  async function forgetSurplus({ serial }: PassSubject): Promise<void> {
    const surplus = await walletPasses
      .find({ service: 'apple', serial, device: { $gt: '' } }, { _id: 1 })
      .sort({ _id: NEWEST_FIRST })
      .skip(MOST_DEVICES)
      .lean();
    if (surplus.length > 0) await walletPasses.deleteMany({ _id: { $in: surplus.map(({ _id }) => _id) } });
  }

  return {
    /** Notes that a device has a pass; null for one of an account that was closed. */
    async register(device: string, pushToken: string, subject: PassSubject): Promise<'new' | 'known' | null> {
      if ((await users.exists({ _id: subject.booking.userId })) === null) return null;
      const pass = { service: 'apple', device, serial: subject.serial } as const;
      const outcome = await put(pass, pushToken, subject);
      if (outcome === 'new') await forgetSurplus(subject);
      return outcome;
    },

    async unregister(device: string, serial: string): Promise<void> {
      await walletPasses.deleteOne({ service: 'apple', device, serial });
    },

    /** Notes that a link to save a pass was given out: whether it was saved is not known. */
    async noteLink(subject: PassSubject): Promise<void> {
      await put({ service: 'google', device: '', serial: subject.serial }, '', subject);
    },

    /** The serial numbers of the passes on a device. */
    async ofDevice(device: string): Promise<string[]> {
      const found = await walletPasses
        .find({ service: 'apple', device }, { serial: 1 })
        .sort({ _id: NEWEST_FIRST })
        .limit(MOST_PASSES)
        .lean();
      return found.map(({ serial }) => serial);
    },

    /** Forgets the passes behind a token that Apple knows no more. */
    async forgetToken(pushToken: string): Promise<void> {
      await walletPasses.deleteMany({ service: 'apple', pushToken });
    },
  };
}
