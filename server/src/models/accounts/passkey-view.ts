import type { Passkey } from '#shared/accounts/passkey.ts';
import type { PasskeyDoc } from './passkey.ts';

/** A passkey as its owner sees it. */
export function toPasskey({ _id, device, domain, createdAt, lastUsedAt }: PasskeyDoc): Passkey {
  const times = { createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
  return { id: _id, device, domain, ...times };
}
