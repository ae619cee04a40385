import { z } from 'zod';
import type { Log } from '#server/log.ts';
import type { JobHandler, JobRun } from '#server/jobs/runner.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { PushSubscriptionDoc } from '#server/models/accounts/push-subscription.ts';
import type { PushSender } from '#server/push/sender.ts';
import type { Subscriptions } from '#server/push/subscriptions.ts';
import type { PushMessage } from '#shared/push-subscription.ts';
import type { BookingMailOptions } from './booking-mails.ts';
import { isOver, readersOf, storyOf } from './booking-mails.ts';
import type { Story } from './booking-texts.ts';
import { endOf } from './booking-texts.ts';
import { pathOf } from './page-path.ts';
import type { Reader } from './notifier.ts';
import type { Speaker } from './texts/translator.ts';
import { speaker } from './texts/translator.ts';

export interface OfferPushOptions extends BookingMailOptions {
  subscriptions: Subscriptions;
  sendPush: PushSender;
  log: Log;
}

const order = z.object({ eventId: z.string(), seq: z.number() });

/** Tells of offers on the browsers of their parties, with the tab closed; each browser once. */
export function offerPushJob(options: OfferPushOptions): JobHandler {
  return async (payload, run) => {
    const { eventId, seq } = order.parse(payload);
    const batch = await options.models.ledger.findOne({ eventId, seq }).orFail().lean<LedgerDoc>();
    const offers = batch.entries.flatMap(({ kind, booking }) => (kind === 'offered' && booking ? [booking] : []));
    const browsers = await options.subscriptions.of(offers.map(({ userId }) => userId));
    const readers = await readersOf(
      options.models,
      browsers.map(({ userId }) => userId),
    );
    const failures: unknown[] = [];
    for (const browser of browsers) {
      const reader = readers.get(browser.userId.toHexString());
      const offer = offers.find(({ userId }) => userId.equals(browser.userId));
      const story = offer && (await storyOf(options, offer._id));
      if (reader && story && !isOver(story)) await pushOnce(options, { browser, reader, story }, run, failures);
    }
    if (failures.length > 0) throw failures[0];
  };
}

interface ToPush {
  browser: PushSubscriptionDoc;
  reader: Reader;
  story: Story;
}

async function pushOnce(
  options: OfferPushOptions,
  { browser, reader, story }: ToPush,
  run: JobRun,
  failures: unknown[],
) {
  run.signal.throwIfAborted();
  const fact = `pushed:${story.booking._id.toHexString()}:${browser._id.toHexString()}`;
  if ((await options.post.toldOf([fact])).size > 0) return;
  try {
    const lastsMs = (story.booking.holdExpiresAt ?? story.at).getTime() - story.at.getTime();
    const outcome = await options.sendPush(
      browser,
      messageOf(story, speaker(reader.locale)),
      Math.ceil(lastsMs / 1_000),
    );
    if (outcome === 'gone') await options.subscriptions.drop(browser._id);
    await options.post.record(fact, outcome === 'sent' ? 'sent' : 'refused');
  } catch (error) {
    options.log.warn({ fact, err: error }, 'A message could not be pushed and is tried again');
    failures.push(error);
  }
}

function messageOf(story: Story, speaks: Speaker): PushMessage {
  const { booking, event, at } = story;
  return {
    kind: 'offer',
    title: speaks.say('offered.title', { seats: speaks.seats(booking.seats) }),
    body: speaks.say('push.offered', { title: event.title, until: endOf(story, speaks) }),
    url: pathOf('event', event._id.toHexString(), speaks.locale),
    tag: `offer-${booking._id.toHexString()}`,
    lang: speaks.locale,
    expiresAt: (booking.holdExpiresAt ?? at).toISOString(),
  };
}
