import { randomBytes } from 'node:crypto';
import webPush from 'web-push';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { KeyDoc } from '#server/models/accounts/account.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';

/** The keys that all servers on one database share. */
interface Keys {
  /** Signs session tokens (HS256). */
  tokenSecret: string;
  /** Signs tickets. */
  ticketSecret: string;
  /** Signs the return addresses of payment pages, and the demo provider's webhooks. */
  paymentSecret: string;
  /** Signs marks of known devices, challenges for passkeys and links that end reminders; makes pseudonyms in rate counts. */
  deviceSecret: string;
  /** Identifies this site to push services (VAPID, RFC 8292). */
  vapid: Vapid;
}

/** A key pair in base64url. Browsers subscribe with the public key, so it must never change. */
export interface Vapid {
  publicKey: string;
  privateKey: string;
}

/** Loads the keys of this database and creates the missing ones. JWT_SECRET, if set, is the token secret. */
export async function loadKeys(deps: { models: Models; config: Pick<Config, 'jwtSecret'>; now: Now }): Promise<Keys> {
  const { models, config, now } = deps;
  const tokenSecret = config.jwtSecret ?? (await loadOrCreate(models, now, 'token-secret', newSecret));
  const ticketSecret = await loadOrCreate(models, now, 'ticket-secret', newSecret);
  const [publicKey = '', privateKey = ''] = (await loadOrCreate(models, now, 'vapid', newVapid)).split('.');
  const paymentSecret = await loadOrCreate(models, now, 'payment-secret', newSecret);
  const deviceSecret = await loadOrCreate(models, now, 'device-secret', newSecret);
  return { tokenSecret, ticketSecret, paymentSecret, deviceSecret, vapid: { publicKey, privateKey } };
}

/** Loads or creates a key. If two servers start on an empty database, the unique `_id` decides whose value stays. */
async function loadOrCreate(models: Models, now: Now, name: KeyDoc['_id'], create: () => string): Promise<string> {
  const stored = await models.keys.findById(name).lean();
  if (stored) return stored.value;
  try {
    const created: KeyDoc = { _id: name, value: create(), createdAt: now() };
    await models.keys.create(created);
    return created.value;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return (await models.keys.findById(name).orFail().lean()).value;
  }
}

function newVapid(): string {
  const { publicKey, privateKey } = webPush.generateVAPIDKeys();
  return `${publicKey}.${privateKey}`;
}

function newSecret(): string {
  return randomBytes(48).toString('base64url');
}
