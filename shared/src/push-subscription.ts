import { z } from 'zod';
import type { Locale } from './account.ts';
import { text } from './protocol/primitives.ts';

const MAX_ENDPOINT_LENGTH = 1_000;

/** `POST /api/push/subscriptions`: the JSON of a browser's `PushSubscription`. `expirationTime` is ignored. */
export const pushSubscriptionInput = z.strictObject({
  endpoint: text(MAX_ENDPOINT_LENGTH).min(1),
  expirationTime: z.number().nullable().optional(),
  keys: z.strictObject({
    /** The browser's public key: an uncompressed P-256 point, 65 bytes in base64url. */
    p256dh: z.string().regex(/^[\w-]{87}=?$/),
    /** 16 bytes in base64url. */
    auth: z.string().regex(/^[\w-]{22}(?:==)?$/),
  }),
});
export type PushSubscriptionInput = z.infer<typeof pushSubscriptionInput>;

/** `DELETE /api/push/subscriptions`. */
export const pushUnsubscribeInput = z.strictObject({ endpoint: text(MAX_ENDPOINT_LENGTH).min(1) });

/**
 * The push message to a service worker, as JSON: a notification in the user's language. `url` is the page to open, from
 * the site's root; a newer notification with the same `tag` replaces the older one; after `expiresAt` it is void.
 */
export interface PushMessage {
  /** `cancelled`: an event that the user waits for, or has an offer of; `reminder`: the sale opens soon. */
  kind: 'offer' | 'cancelled' | 'reminder';
  title: string;
  body: string;
  url: string;
  tag: string;
  lang: Locale;
  /** ISO 8601, UTC. */
  expiresAt: string;
}
