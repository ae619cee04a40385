import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { PasskeyDoc } from '#server/models/accounts/passkey.ts';
import type { PushSubscriptionDoc } from '#server/models/accounts/push-subscription.ts';
import type { WalletPassDoc } from '#server/models/accounts/wallet-pass.ts';
import type { SessionDoc } from '#server/models/accounts/account.ts';
import { shownEmail } from '#server/models/accounts/shown-email.ts';
import { toPasskey } from '#server/models/accounts/passkey-view.ts';
import { toUser } from '#server/models/views.ts';
import type { Now } from '#server/clock.ts';
import type { Identity } from './sessions.ts';

/** What an account owns beside its own records, by user id, in the shapes of the wire. */
export interface ExportSources {
  bookings(userId: string): Promise<object[]>;
  waitlist(userId: string): Promise<object[]>;
  reminders(userId: string): Promise<object[]>;
  receipts(userId: string): Promise<object[]>;
}

/** Everything stored about an account, except password hashes and the keys of push subscriptions: they grant access. */
export function createAccountExport({ models, now, sources }: { models: Models; now: Now; sources: ExportSources }) {
  return async function exportOf({ user }: Identity): Promise<object> {
    const userId = user._id.toHexString();
    const [sessions, passkeys, browsers, passes, payments, bookings, waitlist, reminders, receipts] = await Promise.all(
      [
        models.sessions.find({ userId: user._id }).sort({ _id: 1 }).lean<SessionDoc[]>(),
        models.passkeys.find({ userId: user._id }).sort({ createdAt: 1 }).lean<PasskeyDoc[]>(),
        models.pushSubscriptions.find({ userId: user._id }).sort({ _id: 1 }).lean<PushSubscriptionDoc[]>(),
        models.walletPasses.find({ userId: user._id }).sort({ _id: 1 }).lean<WalletPassDoc[]>(),
        models.payments.find({ userId: user._id }).sort({ _id: 1 }).lean<PaymentDoc[]>(),
        sources.bookings(userId),
        sources.waitlist(userId),
        sources.reminders(userId),
        sources.receipts(userId),
      ],
    );
    return {
      exportedAt: now(),
      user: { ...toUser(user), lastUsedAt: user.lastUsedAt ?? null },
      sessions: sessions.map(sessionView),
      passkeys: passkeys.map(toPasskey),
      pushSubscriptions: browsers.map(({ endpoint, createdAt }) => ({ endpoint, createdAt })),
      walletPasses: passes.map(({ service, bookingId, createdAt }) => ({ service, bookingId, createdAt })),
      bookings,
      payments: payments.map(paymentView),
      waitlist,
      reminders,
      receipts,
    };
  };
}

function sessionView({ _id, createdAt, expiresAt, device, lastSeenAt, codeAt, ended }: SessionDoc): object {
  const known = { device: device ?? null, lastSeenAt: lastSeenAt ?? null, codeAt: codeAt ?? null };
  return { id: _id, createdAt, expiresAt, ...known, ended };
}

/** A payment attempt with its outcome and refunds. */
function paymentView(payment: PaymentDoc): object {
  const { _id, bookingId, attempt, provider, reference, amount, currency, seats, status, declined, terms } = payment;
  const { paid, paidAt, createdAt, updatedAt } = payment;
  const { email, locale, lines } = terms;
  return {
    id: _id,
    bookingId,
    attempt,
    provider,
    reference,
    amount,
    currency,
    seats,
    ...(lines && { lines }),
    status,
    declined,
    email: shownEmail(email),
    locale,
    paid,
    paidAt,
    createdAt,
    updatedAt,
    refunds: payment.refunds.map(refundView),
  };
}

function refundView({ amount, cause, reason, status, at, doneAt }: PaymentDoc['refunds'][number]): object {
  return { amount, cause, reason, status, at, doneAt };
}
