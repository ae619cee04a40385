import type { Types } from 'mongoose';
import { Schema } from 'mongoose';

/** A pass stays stored for so long after the end of its event. */
const KEPT_MS = 30 * 86_400_000;

/** A ticket in a wallet, which is notified when the event or the booking changes. */
export interface WalletPassDoc {
  _id: Types.ObjectId;
  /** `apple`: a device has registered for it; `google`: a link to save it was given out. */
  service: 'apple' | 'google';
  /** Names the ticket (`wallet/pass-serials.ts`). */
  serial: string;
  /** Apple's name of the device; '' with Google, where passes belong to accounts that are not known here. */
  device: string;
  /** Where Apple pushes to; '' with Google. */
  pushToken: string;
  bookingId: Types.ObjectId;
  eventId: Types.ObjectId;
  /** The buyer of the booking; another person may hold the pass. */
  userId: Types.ObjectId;
  /** The last change that the wallet was notified of, by the key of its job; null before the first. */
  notifiedOf: string | null;
  createdAt: Date;
  keptUntil: Date;
}

export const walletPassSchema = new Schema<WalletPassDoc>(
  {
    service: { type: String, required: true },
    serial: { type: String, required: true },
    device: { type: String, default: '' },
    pushToken: { type: String, default: '' },
    bookingId: { type: Schema.Types.ObjectId, required: true },
    eventId: { type: Schema.Types.ObjectId, required: true },
    userId: { type: Schema.Types.ObjectId, required: true },
    notifiedOf: { type: String, default: null },
    createdAt: { type: Date, required: true },
    keptUntil: { type: Date, required: true },
  },
  { collection: 'walletPasses', versionKey: false, autoIndex: false, autoCreate: false },
);

// A device registers once for a pass; and the passes of a device.
walletPassSchema.index({ service: 1, device: 1, serial: 1 }, { unique: true });
// The passes of an event, in the order in which they are notified; those of a booking; those of an account.
walletPassSchema.index({ eventId: 1, _id: 1 });
walletPassSchema.index({ bookingId: 1 });
walletPassSchema.index({ userId: 1 });
walletPassSchema.index({ keptUntil: 1 }, { expireAfterSeconds: 0 });

/** Until when the passes of an event are stored: wallets show them as past from its end on. */
export function passesKeptUntil({ startsAt, endsAt }: { startsAt: Date; endsAt: Date | null }): Date {
  return new Date((endsAt ?? startsAt).getTime() + KEPT_MS);
}
