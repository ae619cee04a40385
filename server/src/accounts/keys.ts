import { randomBytes } from 'node:crypto';
import webPush from 'web-push';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { KeyDoc } from '#server/models/accounts/account.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';

/** What every server on one database signs with. */
export interface Keys {
  /** Signs session tokens (HS256). */
  tokenSecret: string;
  /** Signs tickets. */
  ticketSecret: string;
  /** Signs the way back from payment pages, and the demo provider's webhooks. */
  paymentSecret: string;
  /** Proves to push services that a message is ours. */
  vapid: Vapid;
}

/** Both halves in base64url; browsers subscribe with the public one, so it must never change. */
export interface Vapid {
  publicKey: string;
  privateKey: string;
}

/** Loads the keys of this database and makes those that are missing; JWT_SECRET, where set, is the token secret. */
export async function loadKeys(deps: { models: Models; config: Pick<Config, 'jwtSecret'>; now: Now }): Promise<Keys> {
  const { models, config, now } = deps;
  const tokenSecret = config.jwtSecret ?? (await keep(models, now, 'token-secret', newSecret));
  const ticketSecret = await keep(models, now, 'ticket-secret', newSecret);
  const [publicKey = '', privateKey = ''] = (await keep(models, now, 'vapid', newVapid)).split('.');
  const paymentSecret = await keep(models, now, 'payment-secret', newSecret);
  return { tokenSecret, ticketSecret, paymentSecret, vapid: { publicKey, privateKey } };
}

/** Two servers may start together on an empty database: the unique `_id` decides whose value stays. */
async function keep(models: Models, now: Now, name: KeyDoc['_id'], make: () => string): Promise<string> {
  const kept = await models.keys.findById(name).lean();
  if (kept) return kept.value;
  try {
    const made: KeyDoc = { _id: name, value: make(), createdAt: now() };
    await models.keys.create(made);
    return made.value;
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
