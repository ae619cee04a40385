import { z } from 'zod';
import { existingPassword } from '../text/password.ts';

/** Bytes in base64url, in so many characters at most. */
const bytes = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[\w-]+$/, 'Expected base64url');

/** WebAuthn allows 1,023 bytes. */
const credentialId = bytes(1_364);
const LONGEST_CLIENT_DATA = 4_000;

/** The part that all credentials have, as browsers write them (WebAuthn Level 3); what is not needed is ignored. */
const credential = z.object({ id: credentialId, rawId: credentialId, type: z.literal('public-key') });

/** A new passkey: `RegistrationResponseJSON` of WebAuthn. */
const newCredential = credential.extend({
  response: z.object({
    clientDataJSON: bytes(LONGEST_CLIENT_DATA),
    attestationObject: bytes(40_000),
    transports: z.array(z.string().max(20)).max(10).optional(),
  }),
});
export type NewCredential = z.infer<typeof newCredential>;

/** A proof by a passkey: `AuthenticationResponseJSON` of WebAuthn. */
export const provedCredential = credential.extend({
  response: z.object({
    clientDataJSON: bytes(LONGEST_CLIENT_DATA),
    authenticatorData: bytes(4_000),
    signature: bytes(2_000),
    /** The account's id in bytes. */
    userHandle: bytes(100).optional(),
  }),
});
export type ProvedCredential = z.infer<typeof provedCredential>;

/** `POST /api/auth/passkeys/options`. `password`: where the session is older than ten minutes. */
export const passkeyOptionsInput = z.strictObject({ password: existingPassword.optional() });
export type PasskeyOptionsInput = z.infer<typeof passkeyOptionsInput>;
/** `POST /api/auth/passkeys`. */
export const addPasskeyInput = z.strictObject({ credential: newCredential });
/** `POST /api/auth/passkeys/sign-in`. */
export const passkeySignInInput = z.strictObject({ credential: provedCredential });

/** A passkey of an account, as its owner sees it in `GET /api/auth/passkeys`. */
export interface Passkey {
  /** The credential's id. */
  id: string;
  /** The browser and system that added it, such as "Chrome, Android"; "" if unknown. */
  device: string;
  /** The domain whose pages it signs in to, with those of its subdomains. */
  domain: string;
  createdAt: string;
  lastUsedAt: string | null;
}

/** Why a passkey is refused, in `details.passkey`. */
export type PasskeyProblem =
  /** No account has it. */
  | 'unknown'
  /** Its challenge is older than ten minutes, was used already, or is for something else. */
  | 'challenge'
  /** It was used elsewhere as often: there is a copy of it. */
  | 'counter'
  /** The signature, the origin or the domain is wrong. */
  | 'invalid';
