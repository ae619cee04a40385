import type { KeyObject } from 'node:crypto';
import type { Now } from '#server/clock.ts';
import { signedToken } from './google-keys.ts';

const TOKEN_URL = 'https://oauth2.googleapis.com/token';
const API_URL = 'https://walletobjects.googleapis.com/walletobjects/v1';
const SCOPE = 'https://www.googleapis.com/auth/wallet_object.issuer';
const REQUEST_MS = 10_000;
const HOUR_SECONDS = 3_600;
/** A token is renewed so long before its end. */
const MARGIN_MS = 60_000;
const MOST_ANSWER_CHARACTERS = 300;

export interface GoogleApiOptions {
  email: string;
  key: KeyObject;
  now: Now;
  /** In tests a server of the same protocol. */
  test?: { tokenUrl: string; apiUrl: string } | undefined;
}

/** Changes what Google has stored of passes, in the name of the service account. */
export function createGoogleApi({ email, key, now, test }: GoogleApiOptions) {
  const { tokenUrl, apiUrl } = test ?? { tokenUrl: TOKEN_URL, apiUrl: API_URL };
  let access: { token: string; until: number } | null = null;

  async function accessToken(signal: AbortSignal): Promise<string> {
    const at = now().getTime();
    if (access && at < access.until) return access.token;
    const seconds = Math.floor(at / 1_000);
    const claims = { iss: email, scope: SCOPE, aud: tokenUrl, iat: seconds, exp: seconds + HOUR_SECONDS };
    const response = await fetch(tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: signedToken(claims, key),
      }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
    });
    if (!response.ok) throw new Error(`Google refuses the service account: ${await reasonOf(response)}`);
    const answer = (await response.json()) as { access_token?: unknown; expires_in?: unknown };
    if (typeof answer.access_token !== 'string') throw new Error('Google has answered without a token');
    const lastsMs = (typeof answer.expires_in === 'number' ? answer.expires_in : HOUR_SECONDS) * 1_000;
    access = { token: answer.access_token, until: at + lastsMs - MARGIN_MS };
    return access.token;
  }

  return {
    /** Changes a class or an object; `unknown` where no one has saved a pass of it yet. Throws other failures. */
    async patch(
      kind: 'eventTicketClass' | 'eventTicketObject',
      contents: { id: string },
      signal: AbortSignal,
    ): Promise<'changed' | 'unknown'> {
      const response = await fetch(`${apiUrl}/${kind}/${contents.id}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${await accessToken(signal)}`, 'content-type': 'application/json' },
        body: JSON.stringify(contents),
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
      });
      if (response.status === 404) {
        await response.body?.cancel();
        return 'unknown';
      }
      // The service account may have lost its rights, and have them again with another token.
      if (response.status === 401) access = null;
      if (!response.ok) throw new Error(`Google Wallet refuses a change: ${await reasonOf(response)}`);
      await response.body?.cancel();
      return 'changed';
    },
  };
}

async function reasonOf(response: Response): Promise<string> {
  return `${response.status} ${(await response.text()).slice(0, MOST_ANSWER_CHARACTERS)}`;
}
