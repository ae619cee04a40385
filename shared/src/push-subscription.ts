import { z } from 'zod';
import { text } from './protocol/primitives.ts';

const MAX_ENDPOINT = 1_000;

/** What a browser's `PushSubscription.toJSON()` gives; `expirationTime` is of no use here. */
export const pushSubscriptionInput = z.strictObject({
  endpoint: text(MAX_ENDPOINT).min(1),
  expirationTime: z.number().nullable().optional(),
  keys: z.strictObject({
    /** The browser's public key: an uncompressed P-256 point, 65 bytes in base64url. */
    p256dh: z.string().regex(/^[\w-]{87}=?$/),
    /** 16 bytes in base64url. */
    auth: z.string().regex(/^[\w-]{22}(?:==)?$/),
  }),
});
export type PushSubscriptionInput = z.infer<typeof pushSubscriptionInput>;

export const pushUnsubscribeInput = z.strictObject({ endpoint: text(MAX_ENDPOINT).min(1) });

/** `GET /api/push/key`: the `applicationServerKey` to subscribe with, in base64url. */
export const pushKey = z.object({ key: z.string() });

/**
 * What a service worker is sent, as JSON: a notification in the words of its reader. `url` is the page to open, from the
 * site's root; a newer notification with the same `tag` replaces the older one; after `expiresAt` it means nothing.
 */
export const pushMessage = z.object({
  kind: z.literal('offer'),
  title: z.string(),
  body: z.string(),
  url: z.string(),
  tag: z.string(),
  lang: z.enum(['en', 'de']),
  expiresAt: z.iso.datetime(),
});
export type PushMessage = z.infer<typeof pushMessage>;
