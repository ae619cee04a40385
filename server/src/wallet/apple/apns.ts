import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:http2';
import type { Now } from '#server/clock.ts';
import type { PassKeys } from './apple-keys.ts';

/** Apple's push service; passes use no other. */
const APNS_ORIGIN = 'https://api.push.apple.com';
const REQUEST_MS = 10_000;
/** A device that is off gets the message for so long; afterwards it asks when its owner opens the pass. */
const LASTS_SECONDS = 7 * 86_400;
const MOST_ANSWER_CHARACTERS = 1_000;

/** What a push to a device came to: `gone`: Apple knows the token no more. Whatever may pass is thrown. */
type PassPushOutcome = 'sent' | 'gone';

/** The device has deleted the pass, or the token is of another pass type. */
const GONE: ReadonlySet<string> = new Set(['Unregistered', 'BadDeviceToken', 'DeviceTokenNotForTopic', 'ExpiredToken']);

export interface ApnsOptions {
  keys: PassKeys;
  passTypeId: string;
  now: Now;
  /** In tests a server of the same protocol, and the certificate that it is trusted by. */
  test?: { origin: string; ca: string } | undefined;
}

export type Apns = ReturnType<typeof createApns>;

/** Notifies devices by Apple's push service that passes have changed: an empty message, after which they ask. */
export function createApns({ keys, passTypeId, now, test }: ApnsOptions) {
  /** Runs `use` with one connection, authenticated by the certificate of the pass type, and closes it. */
  async function connected<T>(
    signal: AbortSignal,
    use: (push: (token: string) => Promise<PassPushOutcome>) => Promise<T>,
  ): Promise<T> {
    const { cert, key } = keys;
    const session = connect(test?.origin ?? APNS_ORIGIN, { cert, key, ...(test && { ca: test.ca }) });
    const failed = new Promise<never>((_, reject) => {
      session.once('error', reject);
      session.once('close', () => reject(new Error('The connection to the push service was closed')));
    });
    // It may reject after the last push, when nothing awaits it.
    failed.catch(() => undefined);
    const abort = () => session.destroy();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await use((token) => Promise.race([request(session, token), failed]));
    } finally {
      signal.removeEventListener('abort', abort);
      session.destroy();
    }
  }

  function request(session: ClientHttp2Session, token: string): Promise<PassPushOutcome> {
    return new Promise((resolve, reject) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': `/3/device/${token}`,
        'apns-topic': passTypeId,
        'apns-expiration': String(Math.floor(now().getTime() / 1_000) + LASTS_SECONDS),
      });
      let status = 0;
      let answer = '';
      stream.setEncoding('utf8');
      stream.setTimeout(REQUEST_MS, () => stream.destroy(new Error('The push service does not answer')));
      stream.on('response', (headers) => (status = headers[':status'] ?? 0));
      stream.on('data', (part: string) => (answer = (answer + part).slice(0, MOST_ANSWER_CHARACTERS)));
      stream.on('error', reject);
      stream.on('end', () => {
        const reason = reasonIn(answer);
        if (status === 200) resolve('sent');
        else if (status === 410 || GONE.has(reason)) resolve('gone');
        else reject(new Error(`The push service answered ${status} ${reason}`));
      });
      stream.end('{}');
    });
  }

  return { connected };
}

function reasonIn(answer: string): string {
  try {
    const { reason } = JSON.parse(answer) as { reason?: unknown };
    return typeof reason === 'string' ? reason : '';
  } catch {
    return '';
  }
}
