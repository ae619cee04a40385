import type { KeyObject } from 'node:crypto';
import { createPrivateKey, sign } from 'node:crypto';
import type { Config } from '#server/config.ts';

export type GoogleWalletConfig = NonNullable<Config['wallet']['google']>;

/** The key of the service account. Throws for one that cannot be read. */
export function googleKeyOf({ key }: Pick<GoogleWalletConfig, 'key'>): KeyObject {
  const opened = createPrivateKey(key);
  if (opened.asymmetricKeyType !== 'rsa') throw new Error('The key is no RSA key');
  return opened;
}

/** What keeps Google from taking passes, as far as the key itself says; null if nothing does. */
export function googleKeyFault(config: Pick<GoogleWalletConfig, 'key'>): string | null {
  try {
    googleKeyOf(config);
    return null;
  } catch {
    return 'GOOGLE_WALLET_KEY cannot be read as an RSA key';
  }
}

/** A signed token (JWT, RS256; RFC 7519). */
export function signedToken(claims: object, key: KeyObject): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}
