import type { Types } from 'mongoose';
import { z } from 'zod';
import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { JobHandler, JobRun } from '#server/jobs/runner.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { LedgerDoc, LedgerEntryDoc } from '#server/models/ledger.ts';
import type { Models } from '#server/models/models.ts';
import type { PushSubscriptionDoc } from '#server/models/accounts/push-subscription.ts';
import type { PushSender } from '#server/push/sender.ts';
import type { PushSubscriptions } from '#server/push/subscriptions.ts';
import type { PushMessage } from '#shared/push-subscription.ts';
import type { BookingMailOptions } from './booking-mails.ts';
import { isOfferOver, recipientsOf } from './booking-mails.ts';
import { createBookingSnapshots } from './booking-snapshots.ts';
import { offerEnd } from './booking-texts.ts';
import { pagePath } from './page-path.ts';
import type { Notifier } from './sending/notifier.ts';
import type { BookingSnapshot } from './texts/booking-facts.ts';
import { ticketsOrSeats } from './texts/booking-facts.ts';
import type { Translator } from './texts/translator.ts';
import { createTranslator } from './texts/translator.ts';

/** How long a push service keeps the message that an event is cancelled; the mail of the same fact stays. */
const CANCELLED_LASTS_MS = 604_800_000;

/** A push message to each browser of a user, which needs no open tab. */
export interface DevicePush {
  /** Identifies what is pushed; no browser gets a fact twice. Stored, so its format must not change. */
  fact: string;
  userId: Types.ObjectId;
  /** Writes the message at the time of sending; null if the fact is no longer true. */
  compose(translator: Translator): Promise<PushMessage | null>;
}

export interface DevicePushOptions {
  models: Pick<Models, 'users'>;
  notifier: Pick<Notifier, 'notifiedFacts' | 'markNotified'>;
  subscriptions: PushSubscriptions;
  sendPush: PushSender;
  now: Now;
  log: Log;
}

/** Sends the messages once to each browser of their users. Tries all, then throws the first failure. */
export async function pushToDevices(
  options: DevicePushOptions,
  pushes: readonly DevicePush[],
  run: JobRun,
): Promise<void> {
  const browsers = await options.subscriptions.of(pushes.map(({ userId }) => userId));
  const recipients = await recipientsOf(
    options.models,
    browsers.map(({ userId }) => userId),
  );
  const failures: unknown[] = [];
  for (const browser of browsers) {
    const recipient = recipients.get(browser.userId.toHexString());
    const theirs = recipient ? pushes.filter(({ userId }) => userId.equals(browser.userId)) : [];
    for (const push of theirs) {
      run.signal.throwIfAborted();
      await pushOnce(options, push, browser, createTranslator(recipient?.locale ?? 'en'), failures);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function pushOnce(
  options: DevicePushOptions,
  push: DevicePush,
  browser: PushSubscriptionDoc,
  translator: Translator,
  failures: unknown[],
): Promise<void> {
  const { notifier, subscriptions, sendPush, now, log } = options;
  const fact = `${push.fact}:${browser._id.toHexString()}`;
  if ((await notifier.notifiedFacts([fact])).size > 0) return;
  const message = await push.compose(translator);
  if (!message) return;
  try {
    const lastsMs = Date.parse(message.expiresAt) - now().getTime();
    const outcome = await sendPush(browser, message, Math.ceil(lastsMs / 1_000));
    if (outcome === 'gone') await subscriptions.drop(browser._id);
    await notifier.markNotified(fact, outcome === 'sent' ? 'sent' : 'refused');
  } catch (error) {
    log.warn({ fact, err: error }, 'A message could not be pushed to a browser: another attempt follows');
    failures.push(error);
  }
}

const payloadSchema = z.object({ eventId: z.string(), seq: z.number() });

type BatchPushOptions = BookingMailOptions & DevicePushOptions;
type PushOfBooking = (snapshot: BookingSnapshot, translator: Translator) => PushMessage | null;

/** Pushes the changes of one batch to the browsers of their buyers; `pushOf` is null for other changes. */
export function createBatchPushJob(
  options: BatchPushOptions,
  pushOf: (entry: LedgerEntryDoc) => PushOfBooking | null,
): JobHandler {
  return async (payload, run) => {
    const { eventId, seq } = payloadSchema.parse(payload);
    const batch = await options.models.ledger.findOne({ eventId, seq }).orFail().lean<LedgerDoc>();
    const snapshotOf = createBookingSnapshots(
      options,
      batch.entries.flatMap(({ booking }) => (booking ? [booking._id] : [])),
    );
    const pushes = batch.entries.flatMap((entry): DevicePush[] => {
      const compose = pushOf(entry);
      if (!compose || !entry.booking) return [];
      const { _id, userId } = entry.booking;
      const written = async (translator: Translator) => {
        const snapshot = await snapshotOf(_id);
        return snapshot && compose(snapshot, translator);
      };
      const prefix = entry.kind === 'offered' ? 'pushed' : 'pushed-ended';
      return [{ fact: `${prefix}:${_id.toHexString()}`, userId, compose: written }];
    });
    await pushToDevices(options, pushes, run);
  };
}

/** Offers that are still open. */
export function offerPush({ kind }: LedgerEntryDoc): PushOfBooking | null {
  if (kind !== 'offered') return null;
  return (snapshot, translator) => (isOfferOver(snapshot) ? null : offerMessage(snapshot, translator));
}

/** Offers and holds that ended with their event. The message replaces that of the offer. */
export function cancelledEventPush({ kind, booking }: LedgerEntryDoc): PushOfBooking | null {
  if (kind !== 'released' || booking?.ended?.by !== 'event') return null;
  return ({ event, at }, translator) =>
    cancelledEventMessage(event, translator, { at, tag: offerTag(booking._id.toHexString()) });
}

function offerMessage(snapshot: BookingSnapshot, translator: Translator): PushMessage {
  const { booking, event, at } = snapshot;
  return {
    kind: 'offer',
    title: translator.say('offered.title', { seats: ticketsOrSeats(snapshot, translator) }),
    body: bodyOf(
      event,
      translator.say('push.offered', { title: event.title, until: offerEnd(snapshot, translator) }),
      translator,
    ),
    url: pagePath('event', event._id.toHexString(), translator.locale),
    tag: offerTag(booking._id.toHexString()),
    lang: translator.locale,
    expiresAt: (booking.holdExpiresAt ?? at).toISOString(),
  };
}

/** The text of a message about an event: of a sample it says that the event is one. */
export function bodyOf({ sample }: Pick<EventDoc, 'sample'>, body: string, { say }: Translator): string {
  return sample ? say('push.sample', { body }) : body;
}

function offerTag(bookingId: string): string {
  return `offer-${bookingId}`;
}

/** A newer message with the same `tag` replaces an older one on the device. */
export function cancelledEventMessage(
  event: EventDoc,
  translator: Translator,
  { at, tag }: { at: Date; tag: string },
): PushMessage {
  return {
    kind: 'cancelled',
    title: translator.say('called_off.subject', { title: event.title }),
    body: bodyOf(event, translator.say('push.cancelled'), translator),
    url: pagePath('event', event._id.toHexString(), translator.locale),
    tag,
    lang: translator.locale,
    expiresAt: new Date(at.getTime() + CANCELLED_LASTS_MS).toISOString(),
  };
}
