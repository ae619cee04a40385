import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import type { Passkey, ProvedCredential } from '#shared/accounts/passkey.ts';
import type { Failure, Reply } from '../connection/connection.svelte.ts';
import { callApi } from '../connection/call-api.ts';

/** Speaks with the browser's authenticators. Loaded when a passkey is used. */
const webAuthn = () => import('@simplewebauthn/browser');

const post = <T>(path: string, input: object = {}) => callApi<T>(fetch, 'POST', `/api/auth/passkeys${path}`, input);

/**
 * The passkeys of the account that is signed in, and proofs by any passkey. A failure says in `details.passkey` what was
 * wrong with it: what the server says, `cancelled` by the visitor, `known` to this device, or `unusable` in this browser.
 */
export const passkeys = {
  list: (): Promise<Reply<{ passkeys: Passkey[] }>> => callApi(fetch, 'GET', '/api/auth/passkeys'),
  remove: (id: string): Promise<Reply<unknown>> => callApi(fetch, 'DELETE', `/api/auth/passkeys/${id}`),
  /** Has the browser make a passkey and adds it. `password`: where the server needs it. */
  async add(password?: string): Promise<Reply<{ passkey: Passkey }>> {
    const options = await post<PublicKeyCredentialCreationOptionsJSON>('/options', password ? { password } : {});
    if (!options.ok) return options;
    const made = await ask(async () => (await webAuthn()).startRegistration({ optionsJSON: options.data }));
    return made.ok ? post('', { credential: made.data }) : made;
  },
  /** A proof for signing in. `isInFields`: the browser offers passkeys in fields for them, and waits as long as it takes. */
  proveToSignIn: (isInFields: boolean): Promise<Reply<ProvedCredential>> => prove('/sign-in/options', isInFields),
  /** A proof that the owner wants to delete the account. */
  proveToDelete: (): Promise<Reply<ProvedCredential>> => prove('/closing/options', false),
  /** Stops what the browser asks for; without the code for it, it asks for nothing. */
  async stop(): Promise<void> {
    const loaded = await webAuthn().catch(() => null);
    loaded?.WebAuthnAbortService.cancelCeremony();
  },
};

async function prove(path: string, isInFields: boolean): Promise<Reply<ProvedCredential>> {
  const options = await post<PublicKeyCredentialRequestOptionsJSON>(path);
  if (!options.ok) return options;
  return ask(async () => {
    const { startAuthentication } = await webAuthn();
    const how = { useBrowserAutofill: isInFields, verifyBrowserAutofillInput: false };
    const proved = await startAuthentication({ optionsJSON: options.data, ...how });
    return proved as ProvedCredential;
  });
}

/** The browser's answer; what it throws becomes a failure. */
async function ask<T>(use: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, data: await use() };
  } catch (cause) {
    return { ok: false, error: failureOf(cause) };
  }
}

const PROBLEMS: Record<string, string> = {
  // Cancelled, or the time is over: browsers do not say which.
  NotAllowedError: 'cancelled',
  AbortError: 'cancelled',
  InvalidStateError: 'known',
};

function failureOf(cause: unknown): Failure {
  const passkey = (cause instanceof Error && PROBLEMS[cause.name]) || 'unusable';
  return { code: 'INVALID_STATE', message: String(cause), details: { passkey } };
}
