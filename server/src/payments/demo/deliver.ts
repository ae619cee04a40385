import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { DemoWebhookDoc } from '#server/models/demo.ts';
import type { DemoModels } from './demo.ts';
import { signBody, SIGNATURE_HEADER } from './signature.ts';

const ANSWER_WITHIN_MS = 5_000;
const TAKEN_FOR_MS = 15_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Some ten minutes; after that only the poller finds what it told of. */
const MOST_TRIES = 16;
const AT_ONCE = 16;

export interface DeliverOptions {
  models: Pick<DemoModels, 'demoWebhooks'>;
  secret: string;
  /** Where the webhooks go; null while the server does not listen. */
  target: () => string | null;
  now: Now;
  log: Log;
}

/** Sends webhooks until they are answered 200, each by one of all processes on the database. */
export function createDelivery({ models, secret, target, now, log }: DeliverOptions) {
  const sending = new Set<Promise<void>>();
  let taking: Promise<void> | null = null;
  let isDue = false;

  /** Sends what is due; resolves when it is answered, or has been put off. */
  async function deliverDue(): Promise<void> {
    const address = target();
    if (address === null) return;
    isDue = true;
    taking ??= takeAll(address);
    await taking;
    await Promise.all(sending);
  }

  /** One after the other: several at once would reach for the same one, and the database makes all but one wait. */
  async function takeAll(address: string): Promise<void> {
    try {
      while (isDue) {
        isDue = false;
        for (let taken = await take(); taken; taken = await take()) await begin(address, taken);
      }
    } finally {
      taking = null;
    }
  }

  /** Begins to send it, once there is room for one more. */
  async function begin(address: string, webhook: DemoWebhookDoc): Promise<void> {
    const sent = deliver(address, webhook)
      .catch((error: unknown) => log.warn({ err: error }, 'A webhook could not be crossed out and is sent again'))
      .finally(() => sending.delete(sent));
    sending.add(sent);
    if (sending.size >= AT_ONCE) await Promise.race(sending);
  }

  async function deliver(address: string, webhook: DemoWebhookDoc): Promise<void> {
    const { _id, tries } = webhook;
    if ((await send(address, webhook)) || tries >= MOST_TRIES) await models.demoWebhooks.deleteOne({ _id });
    else await models.demoWebhooks.updateOne({ _id, tries }, { $set: { nextAt: after(pauseMs(tries)) } });
  }

  /** Whoever takes one has it for a while: if it dies with it, another sends it again. */
  function take(): Promise<DemoWebhookDoc | null> {
    const mine = { $set: { nextAt: after(TAKEN_FOR_MS) }, $inc: { tries: 1 } };
    return models.demoWebhooks
      .findOneAndUpdate({ nextAt: { $lte: now() } }, mine, { sort: { nextAt: 1 }, returnDocument: 'after' })
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
      log.debug({ err: error, tries }, 'A webhook of the demo provider was not answered and is sent again');
      return false;
    }
  }

  return { deliverDue };
}

function pauseMs(tries: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
}
