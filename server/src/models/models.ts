import type { Connection } from 'mongoose';
import type { AccountLinkDoc } from './accounts/account-link.ts';
import { accountLinkSchema } from './accounts/account-link.ts';
import type { KeyDoc, SessionDoc, UserDoc } from './accounts/account.ts';
import { keySchema, sessionSchema, userSchema } from './accounts/account.ts';
import type { BookingDoc } from './booking.ts';
import { bookingSchema } from './booking.ts';
import type { DemoCheckoutDoc, DemoRefundDoc, DemoWebhookDoc } from './demo.ts';
import { demoCheckoutSchema, demoRefundSchema, demoWebhookSchema } from './demo.ts';
import type { EventDoc } from './event.ts';
import { eventSchema } from './event.ts';
import type { ImageChunkDoc, ImageFileDoc } from './images/image-file.ts';
import { imageChunkSchema, imageFileSchema } from './images/image-file.ts';
import type { JobDoc } from './job.ts';
import { jobSchema } from './job.ts';
import type { LeaseDoc } from './servers/lease.ts';
import { leaseSchema } from './servers/lease.ts';
import type { LedgerDoc } from './ledger.ts';
import { ledgerSchema } from './ledger.ts';
import type { PaymentDoc, WebhookDoc } from './payment.ts';
import { paymentSchema, webhookSchema } from './payment.ts';
import type { PasskeyDoc, UsedChallengeDoc } from './accounts/passkey.ts';
import { passkeySchema, usedChallengeSchema } from './accounts/passkey.ts';
import type { ReceiptDoc, ReceiptSeriesDoc } from './receipts/receipt.ts';
import { receiptSchema, receiptSeriesSchema } from './receipts/receipt.ts';
import type { ProvisionalAccountDoc } from './accounts/provisional-account.ts';
import { provisionalAccountSchema } from './accounts/provisional-account.ts';
import type { PushSubscriptionDoc } from './accounts/push-subscription.ts';
import { pushSubscriptionSchema } from './accounts/push-subscription.ts';
import type { ReminderDoc } from './accounts/reminder.ts';
import { reminderSchema } from './accounts/reminder.ts';
import type { SignInCodeDoc } from './accounts/sign-in-code.ts';
import { signInCodeSchema } from './accounts/sign-in-code.ts';
import type { WalletPassDoc } from './accounts/wallet-pass.ts';
import { walletPassSchema } from './accounts/wallet-pass.ts';
import type { SentMailDoc } from './sent-mail.ts';
import { sentMailSchema } from './sent-mail.ts';
import type { RateCountDoc } from './servers/rate-count.ts';
import { rateCountSchema } from './servers/rate-count.ts';
import type { SchemaStateDoc } from './servers/schema-state.ts';
import { schemaStateSchema } from './servers/schema-state.ts';
import type { ServerTurnDoc } from './servers/server-turn.ts';
import { serverTurnSchema } from './servers/server-turn.ts';
import type { WatermarkDoc } from './servers/watermark.ts';
import { watermarkSchema } from './servers/watermark.ts';
import type { VoucherDoc } from './vouchers/voucher.ts';
import { voucherSchema } from './vouchers/voucher.ts';
import type { WaitlistEntryDoc } from './waitlist.ts';
import { waitlistEntrySchema } from './waitlist.ts';

/** Every collection, bound to one connection: two servers in one process share no models. */
export function createModels(connection: Connection) {
  return {
    events: connection.model<EventDoc>('Event', eventSchema),
    bookings: connection.model<BookingDoc>('Booking', bookingSchema),
    ledger: connection.model<LedgerDoc>('Ledger', ledgerSchema),
    users: connection.model<UserDoc>('User', userSchema),
    sessions: connection.model<SessionDoc>('Session', sessionSchema),
    accountLinks: connection.model<AccountLinkDoc>('AccountLink', accountLinkSchema),
    signInCodes: connection.model<SignInCodeDoc>('SignInCode', signInCodeSchema),
    provisionalAccounts: connection.model<ProvisionalAccountDoc>('ProvisionalAccount', provisionalAccountSchema),
    passkeys: connection.model<PasskeyDoc>('Passkey', passkeySchema),
    usedChallenges: connection.model<UsedChallengeDoc>('UsedChallenge', usedChallengeSchema),
    sentMails: connection.model<SentMailDoc>('SentMail', sentMailSchema),
    pushSubscriptions: connection.model<PushSubscriptionDoc>('PushSubscription', pushSubscriptionSchema),
    reminders: connection.model<ReminderDoc>('Reminder', reminderSchema),
    walletPasses: connection.model<WalletPassDoc>('WalletPass', walletPassSchema),
    keys: connection.model<KeyDoc>('Key', keySchema),
    waitlist: connection.model<WaitlistEntryDoc>('Waiting', waitlistEntrySchema),
    leases: connection.model<LeaseDoc>('Lease', leaseSchema),
    serverTurns: connection.model<ServerTurnDoc>('Turn', serverTurnSchema),
    watermarks: connection.model<WatermarkDoc>('Watermark', watermarkSchema),
    rateCounts: connection.model<RateCountDoc>('RateCount', rateCountSchema),
    jobs: connection.model<JobDoc>('Job', jobSchema),
    payments: connection.model<PaymentDoc>('Payment', paymentSchema),
    webhooks: connection.model<WebhookDoc>('Webhook', webhookSchema),
    demoCheckouts: connection.model<DemoCheckoutDoc>('DemoCheckout', demoCheckoutSchema),
    demoRefunds: connection.model<DemoRefundDoc>('DemoRefund', demoRefundSchema),
    demoWebhooks: connection.model<DemoWebhookDoc>('DemoWebhook', demoWebhookSchema),
    imageFiles: connection.model<ImageFileDoc>('ImageFile', imageFileSchema),
    imageChunks: connection.model<ImageChunkDoc>('ImageChunk', imageChunkSchema),
    receipts: connection.model<ReceiptDoc>('Receipt', receiptSchema),
    receiptSeries: connection.model<ReceiptSeriesDoc>('ReceiptSeries', receiptSeriesSchema),
    vouchers: connection.model<VoucherDoc>('Voucher', voucherSchema),
    meta: connection.model<SchemaStateDoc>('Meta', schemaStateSchema),
  };
}

export type Models = ReturnType<typeof createModels>;
