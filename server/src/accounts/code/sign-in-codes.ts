import { createHmac, randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import type { Locale } from '#shared/account.ts';
import type { Now } from '#server/clock.ts';
import type { CodeRequest, SignInCodeDoc } from '#server/models/accounts/sign-in-code.ts';
import type { Models } from '#server/models/models.ts';
import { insertedOnce } from '#server/mongo/duplicate-key.ts';

const LIFETIME_MS = 10 * 60_000;
const MOST_WRONG_TRIES = 5;
const CODES = 1_000_000;

/** Names the request of a code in a job, without the address and the code. */
export interface CodeReference {
  /** A pseudonym of the address. */
  addressKey: string;
  requestId: string;
}

/** What the mail with a code is made of. */
interface MailedCode {
  email: string;
  locale: Locale;
  code: string;
}

export type SignInCodes = ReturnType<typeof createSignInCodes>;

/**
 * Mailed codes of six digits, one for each address: a new one replaces the one before. A code follows from its request
 * and the secret, so that a mail which is sent again has the same one; stored is a keyed hash of it.
 */
export function createSignInCodes(deps: { models: Pick<Models, 'signInCodes'>; secret: string; now: Now }) {
  const { now } = deps;
  const { signInCodes } = deps.models;
  const keyed = (use: string, text: string) => createHmac('sha256', deps.secret).update(`${use}:${text}`);
  const keyOf = (email: string) => keyed('code-address', email).digest('base64url');
  const hashOf = (email: string, code: string) => keyed('code-hash', `${email}:${code}`).digest('base64url');

  /** Of 2^48 numbers, so that no code is noticeably more likely than another. */
  function codeOf(requestId: string): string {
    const number = keyed('code', requestId).digest().readUIntBE(0, 6) % CODES;
    return String(number).padStart(6, '0');
  }

  /** The address's code while it is valid: not expired, not guessed at too often. */
  const validCode = (email: string, code: string) => ({
    _id: keyOf(email),
    'request.codeHash': hashOf(email, code),
    expiresAt: { $gt: now() },
    wrongTries: { $lt: MOST_WRONG_TRIES },
  });

  return {
    /** Since the start: requests of codes, those of them that were over a limit, mails, and entered codes by outcome. */
    counts: { requested: 0, limited: 0, mailed: 0, verified: 0, refused: 0 },
    /** Makes a code, which replaces an earlier one for the address. */
    async create(email: string, locale: Locale, session: ClientSession): Promise<CodeReference> {
      const id = randomUUID();
      const request: CodeRequest = { id, email, locale, codeHash: hashOf(email, codeOf(id)) };
      const addressKey = keyOf(email);
      const expiresAt = new Date(now().getTime() + LIFETIME_MS);
      const doc = { request, wrongTries: 0, expiresAt };
      await signInCodes.collection.replaceOne({ _id: addressKey as never }, doc, { upsert: true, session });
      return { addressKey, requestId: id };
    },
    /** The code of a request for its mail; null if it was used, has expired, or a newer one replaced it. */
    async mailedCode({ addressKey, requestId }: CodeReference): Promise<MailedCode | null> {
      const valid = { _id: addressKey, 'request.id': requestId, expiresAt: { $gt: now() } };
      const found = await signInCodes.findOne(valid as object).lean<SignInCodeDoc>();
      if (!found?.request) return null;
      return { email: found.request.email, locale: found.request.locale, code: codeOf(requestId) };
    },
    /**
     * Whether this is the valid code of the address, which stays valid. A wrong one counts against the code in the same
     * write, however many are tried at once; there is such a write for an address without a code, too.
     */
    async isRight(email: string, code: string): Promise<boolean> {
      const [at, codeHash] = [now(), hashOf(email, code)];
      const options = { upsert: true, updatePipeline: true, returnDocument: 'before' } as const;
      const before = await insertedOnce(() =>
        signInCodes
          .findOneAndUpdate({ _id: keyOf(email) }, [countUnlessRight(codeHash, at)], options)
          .lean<SignInCodeDoc>(),
      );
      return before !== null && isValid(before, at) && before.request?.codeHash === codeHash;
    },
    /** Deletes the valid code and returns its request; of several simultaneous uses one gets it. */
    async consume(email: string, code: string, session: ClientSession): Promise<CodeRequest | null> {
      const found = signInCodes.findOneAndDelete(validCode(email, code) as object, { session });
      return (await found.lean<SignInCodeDoc>())?.request ?? null;
    },
    /** Deletes the code of an address, whatever it is. */
    async forget(email: string, session: ClientSession): Promise<void> {
      await signInCodes.deleteOne({ _id: keyOf(email) }, { session });
    },
  };
}

function isValid({ expiresAt, wrongTries }: SignInCodeDoc, at: Date): boolean {
  return expiresAt > at && wrongTries < MOST_WRONG_TRIES;
}

/** An update that counts a wrong try. It changes nothing if the document's valid code has this hash. */
function countUnlessRight(codeHash: string, at: Date) {
  const isLive = [{ $gt: ['$expiresAt', at] }, { $lt: ['$wrongTries', MOST_WRONG_TRIES] }];
  const isRight = { $and: [...isLive, { $eq: ['$request.codeHash', codeHash] }] };
  return {
    $set: {
      request: { $ifNull: ['$request', null] },
      wrongTries: { $cond: [isRight, '$wrongTries', { $add: [{ $ifNull: ['$wrongTries', 0] }, 1] }] },
      expiresAt: { $ifNull: ['$expiresAt', at] },
    },
  };
}
