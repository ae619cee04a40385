import { z } from 'zod';
import type { Log } from '#server/log.ts';
import type { JobHandler, JobRun } from '#server/jobs/runner.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { PushSubscriptionDoc } from '#server/models/accounts/push-subscription.ts';
import type { PushSender } from '#server/push/sender.ts';
import type { PushSubscriptions } from '#server/push/subscriptions.ts';
import type { PushMessage } from '#shared/push-subscription.ts';
import type { BookingMailOptions } from './booking-mails.ts';
import { isOfferOver, recipientsOf, readBookingSnapshot } from './booking-mails.ts';
import type { BookingSnapshot } from './booking-texts.ts';
import { offerEnd } from './booking-texts.ts';
import { pagePath } from './page-path.ts';
import type { Recipient } from './sending/notifier.ts';
import type { Translator } from './texts/translator.ts';
import { createTranslator } from './texts/translator.ts';

export interface OfferPushOptions extends BookingMailOptions {
  subscriptions: PushSubscriptions;
  sendPush: PushSender;
  log: Log;
}

const payloadSchema = z.object({ eventId: z.string(), seq: z.number() });

/** Pushes each offer of a batch to the browsers of its buyer, which need no open tab; once per browser. */
export function createOfferPushJob(options: OfferPushOptions): JobHandler {
  return async (payload, run) => {
    const { eventId, seq } = payloadSchema.parse(payload);
    const batch = await options.models.ledger.findOne({ eventId, seq }).orFail().lean<LedgerDoc>();
    const offers = batch.entries.flatMap(({ kind, booking }) => (kind === 'offered' && booking ? [booking] : []));
    const browsers = await options.subscriptions.of(offers.map(({ userId }) => userId));
    const recipients = await recipientsOf(
      options.models,
      browsers.map(({ userId }) => userId),
    );
    const failures: unknown[] = [];
    for (const browser of browsers) {
      const recipient = recipients.get(browser.userId.toHexString());
      const offer = offers.find(({ userId }) => userId.equals(browser.userId));
      const snapshot = offer && (await readBookingSnapshot(options, offer._id));
      if (recipient && snapshot && !isOfferOver(snapshot))
        await pushOnce(options, { browser, recipient, snapshot }, run, failures);
    }
    if (failures.length > 0) throw failures[0];
  };
}

interface OfferPush {
  browser: PushSubscriptionDoc;
  recipient: Recipient;
  snapshot: BookingSnapshot;
}

async function pushOnce(
  options: OfferPushOptions,
  { browser, recipient, snapshot }: OfferPush,
  run: JobRun,
  failures: unknown[],
) {
  run.signal.throwIfAborted();
  const fact = `pushed:${snapshot.booking._id.toHexString()}:${browser._id.toHexString()}`;
  if ((await options.notifier.notifiedFacts([fact])).size > 0) return;
  try {
    const lastsMs = (snapshot.booking.holdExpiresAt ?? snapshot.at).getTime() - snapshot.at.getTime();
    const outcome = await options.sendPush(
      browser,
      pushMessageOf(snapshot, createTranslator(recipient.locale)),
      Math.ceil(lastsMs / 1_000),
    );
    if (outcome === 'gone') await options.subscriptions.drop(browser._id);
    await options.notifier.markNotified(fact, outcome === 'sent' ? 'sent' : 'refused');
  } catch (error) {
    options.log.warn({ fact, err: error }, 'An offer could not be pushed to a browser: another attempt follows');
    failures.push(error);
  }
}

function pushMessageOf(snapshot: BookingSnapshot, translator: Translator): PushMessage {
  const { booking, event, at } = snapshot;
  return {
    kind: 'offer',
    title: translator.say('offered.title', { seats: translator.seats(booking.seats) }),
    body: translator.say('push.offered', { title: event.title, until: offerEnd(snapshot, translator) }),
    url: pagePath('event', event._id.toHexString(), translator.locale),
    tag: `offer-${booking._id.toHexString()}`,
    lang: translator.locale,
    expiresAt: (booking.holdExpiresAt ?? at).toISOString(),
  };
}
