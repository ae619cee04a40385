import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { DemoWebhookDoc } from '#server/models/demo.ts';
import type { DemoModels } from './demo-provider.ts';
import { signBody, SIGNATURE_HEADER } from './signature.ts';

const ANSWER_WITHIN_MS = 5_000;
/** How long a taken webhook is left to its process, before another process sends it. */
const LOCK_MS = 15_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
/** Some ten minutes; after that only the poller finds the change. */
const MAX_TRIES = 16;
const CONCURRENCY = 16;

interface DeliveryOptions {
  models: Pick<DemoModels, 'demoWebhooks'>;
  /** Signs the webhooks. */
  secret: string;
  /** The address that receives the webhooks; null while the server does not listen. */
  target: () => string | null;
  now: Now;
  log: Log;
}

/** Sends the demo provider's webhooks until they are answered 200, each by one of all processes on the database. */
export function createDelivery({ models, secret, target, now, log }: DeliveryOptions) {
  const sending = new Set<Promise<void>>();
  let taking: Promise<void> | null = null;
  let isDue = false;

  /** Sends the webhooks that are due; resolves when each is answered or postponed. */
  async function deliverDue(): Promise<void> {
    const address = target();
    if (address === null) return;
    isDue = true;
    taking ??= takeAll(address);
    await taking;
    await Promise.all(sending);
  }

  /** Takes one after the other: concurrent searches would find the same webhook, and all but one would wait for its lock. */
  async function takeAll(address: string): Promise<void> {
    try {
      while (isDue) {
        isDue = false;
        for (let taken = await takeWebhook(); taken; taken = await takeWebhook()) await startDelivery(address, taken);
      }
    } finally {
      taking = null;
    }
  }

  /** Starts to send one; resolves once there is room for another. */
  async function startDelivery(address: string, webhook: DemoWebhookDoc): Promise<void> {
    const sent = deliver(address, webhook)
      .catch((error: unknown) =>
        log.warn({ err: error }, 'A webhook could not be recorded as sent; it will be sent again'),
      )
      .finally(() => sending.delete(sent));
    sending.add(sent);
    if (sending.size >= CONCURRENCY) await Promise.race(sending);
  }

  async function deliver(address: string, webhook: DemoWebhookDoc): Promise<void> {
    const { _id, tries } = webhook;
    if ((await send(address, webhook)) || tries >= MAX_TRIES) await models.demoWebhooks.deleteOne({ _id });
    else await models.demoWebhooks.updateOne({ _id, tries }, { $set: { nextAt: after(delayMs(tries)) } });
  }

  /** Locks the next due webhook; if this process dies with it, another process sends it later. */
  function takeWebhook(): Promise<DemoWebhookDoc | null> {
    const lock = { $set: { nextAt: after(LOCK_MS) }, $inc: { tries: 1 } };
    return models.demoWebhooks
      .findOneAndUpdate({ nextAt: { $lte: now() } }, lock, { sort: { nextAt: 1 }, returnDocument: 'after' })
      .lean<DemoWebhookDoc>()
      .exec();
  }

  function after(ms: number): Date {
    return new Date(now().getTime() + ms);
  }

  async function send(address: string, { _id, kind, reference, key, at, tries }: DemoWebhookDoc): Promise<boolean> {
    const body = JSON.stringify({ id: _id, kind, reference, key, at: at.toISOString() });
    const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: signBody(secret, body, now()) };
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const response = await fetch(address, { method: 'POST', body, headers, signal });
      await response.body?.cancel();
      return response.ok;
    } catch (error) {
      log.debug({ err: error, tries }, 'A webhook of the demo provider was not answered; it will be sent again');
      return false;
    }
  }

  return { deliverDue };
}

function delayMs(tries: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (tries - 1));
}
