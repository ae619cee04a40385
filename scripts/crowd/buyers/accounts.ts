import { createHash } from 'node:crypto';
import type { ErrorCode, Refusal } from '#shared/protocol/errors.ts';
import { CrowdError } from '../crowd-error.ts';

/** A buyer's account: it follows from the seed, so that the next run uses the same ones. */
export interface Account {
  name: string;
  email: string;
  password: string;
}

export function accountOf(seed: string, index: number): Account {
  const password = createHash('sha256').update(`frontrow crowd ${seed} ${index}`).digest('base64url');
  return { name: `Crowd buyer ${index + 1}`, email: `crowd-${seed}-${index + 1}@crowd.example`, password };
}

export interface Visit {
  /** The server's origin. */
  url: string;
  wait: (ms: number) => Promise<void>;
}

const MOST_ATTEMPTS = 10;
const ANSWER_WITHIN_MS = 60_000;
/** A longer wait than this is an hour's budget used up, not a rush. */
const LONGEST_WAIT_MS = 15_000;

/** The session token of an account, which is registered first where it does not exist. Throws a CrowdError where neither works. */
export async function enter(account: Account, visit: Visit): Promise<string> {
  const registered = await persist(visit, () => post(visit.url, '/api/auth/register', account));
  if ('token' in registered) return registered.token;
  const { email, password } = account;
  const login = await persist(visit, () => post(visit.url, '/api/auth/login', { email, password }));
  if ('token' in login) return login.token;
  // The account may have existed all along: what kept it from being made says more than that it cannot log in.
  const { code, message } = registered.code === 'EMAIL_TAKEN' ? login : registered;
  throw new CrowdError(`The account ${email} cannot be used: ${code}. ${message}`);
}

type Answer = { token: string } | Refusal;

async function post(url: string, path: string, body: object): Promise<Answer> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  }).catch((cause: unknown) => {
    throw new CrowdError(`The server at ${url} does not answer any more.`, { cause });
  });
  const answer = (await response.json()) as { token: string } | { error: Refusal };
  return 'error' in answer ? answer.error : answer;
}

const PASSING: ReadonlySet<ErrorCode> = new Set(['RATE_LIMITED', 'BUSY', 'UNAVAILABLE']);

/** Passwords are hashed a few at a time: who comes when all are busy is told when to come again. */
async function persist(visit: Visit, attempt: () => Promise<Answer>): Promise<Answer> {
  let answer = await attempt();
  for (let attempts = 1; attempts < MOST_ATTEMPTS && isPassing(answer); attempts += 1) {
    await visit.wait(answer.retryAfterMs ?? 1_000);
    answer = await attempt();
  }
  return answer;
}

function isPassing(answer: Answer): answer is Refusal {
  return 'code' in answer && PASSING.has(answer.code) && (answer.retryAfterMs ?? 0) <= LONGEST_WAIT_MS;
}
