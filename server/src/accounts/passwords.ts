import { hash, verify } from '@node-rs/argon2';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';

/** argon2id (the library's default), OWASP's first choice: 19,456 KiB, two passes, one lane. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashing is the one work here that costs a core: at most this many at a time, so that bookings stay fast. */
const PARALLEL_HASHES = 2;
/** About ten seconds of work on two slow cores; whoever comes on top is told to come again. */
const WAITING_HASHES = 1_000;
const BUSY_RETRY_MS = 2_000;

/** Told in turn, so that guesses sent all at once are counted like guesses sent one by one. */
export interface PasswordAttempt {
  /** Asked when its turn has come: a refusal ends the attempt unchecked. */
  admit(): Refusal | null;
  settle(right: boolean): void;
}

export type Passwords = ReturnType<typeof createPasswords>;

/** Hashes and checks passwords, a bounded number at a time; over the bound the answer is BUSY and nothing is done. */
export function createPasswords(bounds = { parallel: PARALLEL_HASHES, waiting: WAITING_HASHES }) {
  const line = createLine(bounds);
  // Checked where there is no account, so that the time of an answer does not tell whether there is one.
  const nobody = hash('nobody has this password', ARGON2ID);
  return {
    hash: (password: string): Promise<Result<string>> => line(async () => ok(await hash(password, ARGON2ID))),
    /** Whether this is the account's password; `passwordHash` is null where there is no account. */
    matches: (passwordHash: string | null, password: string, attempt: PasswordAttempt): Promise<Result<boolean>> =>
      line(async () => {
        const refusal = attempt.admit();
        if (refusal) return { ok: false, error: refusal };
        const same = (await verify(passwordHash ?? (await nobody), password)) && passwordHash !== null;
        attempt.settle(same);
        return ok(same);
      }),
  };
}

/** First come, first served: `parallel` tasks at a time, `waiting` more in line. */
function createLine(bounds: { parallel: number; waiting: number }) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async function inTurn<T>(task: () => Promise<Result<T>>): Promise<Result<T>> {
    if (running >= bounds.parallel) {
      if (waiting.length >= bounds.waiting) return refuse('BUSY', { retryAfterMs: BUSY_RETRY_MS });
      // Whoever leaves hands over the place, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
