import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import webPush from 'web-push';
import type { Vapid } from '#server/accounts/keys.ts';
import type { PushSubscriptionDoc } from '#server/models/accounts/push-subscription.ts';
import type { PushMessage } from '#shared/push-subscription.ts';
import { isPushEndpoint, publicLookup } from './endpoint.ts';

const SEND_MS = 10_000;
const TOO_MANY_REQUESTS = 429;
/** The push service does not know the subscription (RFC 8030). */
const GONE: ReadonlySet<number> = new Set([404, 410]);

/** `gone`: the subscription has ended. `refused`: this message is not accepted. Transient failures are thrown. */
type PushOutcome = 'sent' | 'gone' | 'refused';

export type PushSender = (
  to: Pick<PushSubscriptionDoc, 'endpoint' | 'keys'>,
  message: PushMessage,
  ttlSeconds: number,
) => Promise<PushOutcome>;

export interface PushSenderOptions {
  vapid: Vapid;
  /** A `mailto:` address for push services that have a problem with our messages. */
  subject: () => string;
  /** Makes the connections to push services; by default refuses private addresses. */
  agent?: Agent | undefined;
}

const publicAgent = () => new Agent({ lookup: publicLookup, maxSockets: 8 });

/** Sends push messages, encrypted for the browser (RFC 8291), to the push service of its endpoint. */
export function createPushSender({ vapid, subject, agent = publicAgent() }: PushSenderOptions): PushSender {
  return async ({ endpoint, keys }, message, ttlSeconds) => {
    if (!isPushEndpoint(endpoint)) return 'gone';
    const { method, headers, body } = webPush.generateRequestDetails({ endpoint, keys }, JSON.stringify(message), {
      vapidDetails: { ...vapid, subject: subject() },
      TTL: ttlSeconds,
      urgency: 'high',
    });
    const status = await sendRequest(endpoint, { agent, method, headers: headers as Record<string, string> }, body);
    if (GONE.has(status)) return 'gone';
    if (status >= 500 || status === TOO_MANY_REQUESTS) throw new Error(`The push service answered ${status}`);
    return status < 300 ? 'sent' : 'refused';
  };
}

type PushRequest = { agent: Agent; method: string; headers: Record<string, string> };

/** Resolves with the status alone: the body of an untrusted answer is not read, redirects are not followed. */
function sendRequest(url: string, options: PushRequest, body: Buffer | null): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, signal: AbortSignal.timeout(SEND_MS) }, (response: IncomingMessage) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}
