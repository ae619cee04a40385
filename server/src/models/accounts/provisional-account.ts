import type { Types } from 'mongoose';
import { Schema } from 'mongoose';
import type { Locale } from '#shared/account.ts';
import type { SessionUser } from './account.ts';

/**
 * An account of a visitor who holds seats before an address is known: nothing about the person. It is deleted when its
 * holds have ended or another account has them.
 */
export interface ProvisionalAccountDoc {
  _id: Types.ObjectId;
  locale: Locale;
  createdAt: Date;
  /** A pseudonym of the network that made it, and which of the network's few slots it takes; absent without limits. */
  slot?: { network: string; number: number };
  /**
   * The account that takes its holds over, by its own id if it has become that account itself; absent until an address
   * was proved.
   */
  takenOverBy?: Types.ObjectId;
  takenOverAt?: Date;
  /** When the holds were given to that account, or refused for good; absent until then. */
  handedOverAt?: Date;
}

/** The user that a provisional account is to its session. */
export function toSessionUser({ _id, locale, createdAt }: ProvisionalAccountDoc): SessionUser {
  const unknown = { name: '', email: '', passwordHash: null, verified: false } as const;
  return { _id, ...unknown, locale, role: 'user', createdAt, provisional: true };
}

export const provisionalAccountSchema = new Schema<ProvisionalAccountDoc>(
  {
    locale: { type: String, required: true },
    createdAt: { type: Date, required: true },
    slot: { type: Schema.Types.Mixed, default: undefined },
    takenOverBy: { type: Schema.Types.ObjectId, default: undefined },
    takenOverAt: { type: Date, default: undefined },
    handedOverAt: { type: Date, default: undefined },
  },
  { collection: 'provisionalAccounts', versionKey: false, autoIndex: false, autoCreate: false },
);
// Of simultaneous visitors of one network each gets another slot.
provisionalAccountSchema.index(
  { 'slot.network': 1, 'slot.number': 1 },
  { unique: true, partialFilterExpression: { 'slot.network': { $type: 'string' } } },
);
provisionalAccountSchema.index({ createdAt: 1 });
