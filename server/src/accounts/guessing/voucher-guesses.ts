import type { Config } from '#server/config.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { SharedCounts } from './shared-counts.ts';

const WINDOW_MS = 60_000;
/** Codes that one user may have checked in a minute. */
const CHECKS_PER_USER = 10;
/** Codes in a minute that gave nothing, by one user, and by all users of one network who have codes checked. */
const FAILURES_PER_SOURCE = 10;
/** Unknown codes of bookings: higher, so that one guesser does not keep a campus from booking with its vouchers. */
const BOOKING_FAILURES_PER_NETWORK = 100;

/** Who tries a code. */
interface CodeGuesser {
  userId: string;
  /** The client's IP address. */
  address: string;
}

export type VoucherGuesses = ReturnType<typeof createVoucherGuesses>;

/**
 * Slows the guessing of voucher codes; all servers share the counts. A valid code does not count against other users of
 * the same network.
 */
export function createVoucherGuesses(deps: { config: Pick<Config, 'rateLimits'>; counts: SharedCounts }) {
  const { counts } = deps;
  const failuresOf = ({ userId, address }: CodeGuesser) => ({
    user: `voucher:user:${counts.pseudonym(userId)}`,
    network: `voucher:network:${counts.networkPseudonym(address)}`,
  });

  async function failureRefusal(guesser: CodeGuesser, perNetwork: number): Promise<Refusal | null> {
    const { user, network } = failuresOf(guesser);
    const limits = [
      { key: user, max: FAILURES_PER_SOURCE },
      { key: network, max: perNetwork },
    ];
    return rateRefusal(await counts.waitMs(limits));
  }

  async function countFailure(guesser: CodeGuesser): Promise<void> {
    const { user, network } = failuresOf(guesser);
    await counts.count([user, network], WINDOW_MS);
  }

  return {
    /**
     * Runs a check of a code, unless it is one too many: `RATE_LIMITED`. Each check counts for the user; one that gives
     * nothing, for whatever reason, also for the network.
     */
    async guardCheck<T>(guesser: CodeGuesser, run: () => Promise<Result<T>>): Promise<Result<T>> {
      if (!deps.config.rateLimits) return run();
      const key = `voucher:checks:${counts.pseudonym(guesser.userId)}`;
      const waitMs = await counts.take({ key, max: CHECKS_PER_USER }, WINDOW_MS);
      const error = rateRefusal(waitMs) ?? (await failureRefusal(guesser, FAILURES_PER_SOURCE));
      if (error) return { ok: false, error };
      const reply = await run();
      if (!reply.ok && reply.error.code === 'VOUCHER_INVALID') await countFailure(guesser);
      return reply;
    },
    /**
     * Runs a command that books with a code (`undefined`: without one), unless its sender has just tried too many
     * unknown codes: `RATE_LIMITED`.
     */
    async guardBooking<T>(
      code: string | undefined,
      guesser: CodeGuesser,
      run: () => Promise<Result<T>>,
    ): Promise<Result<T>> {
      if (code === undefined || !deps.config.rateLimits) return run();
      const error = await failureRefusal(guesser, BOOKING_FAILURES_PER_NETWORK);
      if (error) return { ok: false, error };
      const reply = await run();
      if (!reply.ok && reply.error.details?.['reason'] === 'unknown') await countFailure(guesser);
      return reply;
    },
  };
}

function rateRefusal(retryAfterMs: number): Refusal | null {
  return retryAfterMs > 0 ? refuse('RATE_LIMITED', { retryAfterMs }).error : null;
}
