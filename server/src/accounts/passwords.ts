import { hash, verify } from '@node-rs/argon2';
import { normalizedPassword } from '#shared/text/password.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';

/** What a hash costs by argon2id, the library's default. */
export interface PasswordCost {
  /** KiB. */
  memoryCost: number;
  /** Passes. */
  timeCost: number;
  /** Lanes. */
  parallelism: number;
}

/** OWASP's first choice: 19,456 KiB, two passes, one lane. */
const PASSWORD_COST: PasswordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashing occupies a core. This limit leaves the others to bookings. */
const PARALLEL_HASHES = 2;
/** About ten seconds of hashing on two slow cores; requests beyond that get BUSY. */
const QUEUED_HASHES = 1_000;
const BUSY_RETRY_MS = 2_000;

/** Limits the guesses of passwords. Called in the attempt's turn, so that parallel guesses count one by one. */
export interface PasswordAttempt {
  /** Called before the verification; a refusal ends the attempt unverified. */
  guessRefusal(): Promise<Refusal | null>;
  /** Called after the verification. */
  countGuess(matches: boolean): Promise<void>;
}

export type Passwords = ReturnType<typeof createPasswords>;

/** Hashes and verifies passwords, a bounded number at a time; refuses the rest with BUSY. */
export function createPasswords(
  cost: PasswordCost = PASSWORD_COST,
  bounds = { parallel: PARALLEL_HASHES, queued: QUEUED_HASHES },
) {
  const queue = createHashQueue(bounds);
  // Verified if there is no account, so that the response time does not reveal whether there is one.
  const dummyHash = hash('a password of no account', cost);
  return {
    /** The hash of the password's normal form. */
    hash: (password: string): Promise<Result<string>> =>
      queue(async () => ok(await hash(normalizedPassword(password), cost))),
    /** Whether the password matches in some form; `passwordHash` is null if there is no account. */
    matches: (passwordHash: string | null, password: string, attempt: PasswordAttempt): Promise<Result<boolean>> =>
      queue(async () => {
        const refusal = await attempt.guessRefusal();
        if (refusal) return { ok: false, error: refusal };
        const matches = (await verifyForms(passwordHash ?? (await dummyHash), password)) && passwordHash !== null;
        await attempt.countGuess(matches);
        return ok(matches);
      }),
  };
}

/**
 * Verifies a password in its normal form (NFKC), then as typed, then in the other Unicode normal forms: earlier versions
 * hashed passwords as typed, and keyboards differ in the form they send. A password in ASCII has one form.
 */
async function verifyForms(passwordHash: string, password: string): Promise<boolean> {
  const forms = [normalizedPassword(password), password, password.normalize('NFC'), password.normalize('NFD')];
  for (const form of new Set(forms)) if (await verify(passwordHash, form)) return true;
  return false;
}

/** A FIFO queue: runs `parallel` tasks at a time and keeps `queued` more; refuses the rest with BUSY. */
function createHashQueue(bounds: { parallel: number; queued: number }) {
  const queued: (() => void)[] = [];
  let running = 0;
  return async function enqueue<T>(task: () => Promise<Result<T>>): Promise<Result<T>> {
    if (running >= bounds.parallel) {
      if (queued.length >= bounds.queued) return refuse('BUSY', { retryAfterMs: BUSY_RETRY_MS });
      // The finished task starts this one directly, so `running` does not change.
      await new Promise<void>((resolve) => queued.push(resolve));
    } else running += 1;
    try {
      return await task();
    } finally {
      const next = queued.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
