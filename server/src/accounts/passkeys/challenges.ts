import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';

const LIFETIME_MS = 10 * 60_000;
const NONCE_BYTES = 17;
const EXPIRY_BYTES = 6;
const HEAD_BYTES = NONCE_BYTES + EXPIRY_BYTES;
/** Together 39 bytes, which are 52 characters of base64url exactly: each challenge is written in one way. */
const SIGNATURE_BYTES = 16;

/** What a challenge is for: signing in, or an act of one session. */
export type ChallengePurpose = 'sign-in' | `${'add' | 'close'}:${string}`;

export type PasskeyChallenges = ReturnType<typeof createPasskeyChallenges>;

/**
 * The challenges that passkeys sign: random bytes, an expiry, and a signature over both and the purpose. So making one
 * stores nothing, however many a page asks for; one that was answered rightly is stored until it would expire.
 */
export function createPasskeyChallenges(deps: { models: Pick<Models, 'usedChallenges'>; secret: string; now: Now }) {
  function signatureOf(head: Buffer, purpose: ChallengePurpose): Buffer {
    const signature = createHmac('sha256', deps.secret).update(`passkey-challenge:${purpose}:`).update(head).digest();
    return signature.subarray(0, SIGNATURE_BYTES);
  }

  return {
    create(purpose: ChallengePurpose): Uint8Array<ArrayBuffer> {
      const head = Buffer.concat([randomBytes(NONCE_BYTES), Buffer.alloc(EXPIRY_BYTES)]);
      head.writeUIntBE(deps.now().getTime() + LIFETIME_MS, NONCE_BYTES, EXPIRY_BYTES);
      return new Uint8Array(Buffer.concat([head, signatureOf(head, purpose)]));
    },
    /** Whether this server, or another one, made the challenge for this purpose in the last ten minutes. */
    isValid(challenge: string, purpose: ChallengePurpose): boolean {
      const bytes = Buffer.from(challenge, 'base64url');
      if (bytes.length !== HEAD_BYTES + SIGNATURE_BYTES) return false;
      const head = bytes.subarray(0, HEAD_BYTES);
      if (!timingSafeEqual(bytes.subarray(HEAD_BYTES), signatureOf(head, purpose))) return false;
      return expiryOf(bytes) > deps.now();
    },
    /** Uses a valid challenge up; false if it was used already. Of several simultaneous uses one gets it. */
    async use(challenge: string): Promise<boolean> {
      try {
        const expiresAt = expiryOf(Buffer.from(challenge, 'base64url'));
        await deps.models.usedChallenges.collection.insertOne({ _id: challenge as never, expiresAt });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },
  };
}

function expiryOf(challenge: Buffer): Date {
  return new Date(challenge.readUIntBE(NONCE_BYTES, EXPIRY_BYTES));
}
