import { StripeFailing, type Answer } from './answer.ts';

interface Known {
  request: string;
  answer: Answer | null;
}

/**
 * Stripe's rules for an idempotency key (https://docs.stripe.com/api/idempotent_requests): the first answer is
 * repeated, errors too; a request with other parameters is refused; so is a second request while the first is in
 * progress; an error from before the request was carried out is not stored.
 */
export function createIdempotency() {
  const known = new Map<string, Known>();

  /** Carries out one request for each key. */
  async function once(key: string | undefined, request: string, respond: () => Promise<Answer>): Promise<Answer> {
    if (key === undefined) return respond();
    const before = known.get(key);
    if (before !== undefined) return repeated(before, request);
    const entry: Known = { request, answer: null };
    known.set(key, entry);
    try {
      entry.answer = await respond();
    } catch (error) {
      if (!(error instanceof StripeFailing) || !error.kept) known.delete(key);
      else entry.answer = error.answer;
      throw error;
    }
    return entry.answer;
  }

  return { once, /** Forgets all keys, as Stripe does after a day. */ forget: () => known.clear() };
}

function repeated({ request, answer }: Known, now: string): Answer {
  const type = 'idempotency_error';
  if (request !== now) {
    const message = 'Keys for idempotent requests can only be used with the same parameters they were first used with.';
    throw new StripeFailing(400, { type, message });
  }
  if (answer === null) {
    const message = 'There is currently another in-progress request using this Idempotent Key.';
    throw new StripeFailing(409, { type, code: 'idempotency_key_in_use', message });
  }
  return { ...answer, headers: { ...answer.headers, 'idempotent-replayed': 'true' } };
}
