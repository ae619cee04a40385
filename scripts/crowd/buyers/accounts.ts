import { createHash } from 'node:crypto';
import type { Refusal } from '#shared/protocol/errors.ts';
import { CrowdError } from '../crowd-error.ts';
import { isTemporary } from './temporary-refusal.ts';

/** A buyer's account, derived from the seed: the next run with that seed uses the same accounts. */
interface Account {
  name: string;
  email: string;
  password: string;
}

/** The account of the buyer with this index, which counts from 0. */
export function accountOf(seed: string, index: number): Account {
  const password = createHash('sha256').update(`frontrow crowd ${seed} ${index}`).digest('base64url');
  return { name: `Crowd buyer ${index + 1}`, email: `crowd-${seed}-${index + 1}@crowd.example`, password };
}

interface SignInDeps {
  /** The server's origin. */
  url: string;
  sleep: (ms: number) => Promise<void>;
}

const MAX_ATTEMPTS = 10;
const ANSWER_WITHIN_MS = 60_000;
/** A longer retryAfterMs means that an hour's budget is used up, rather than that the server is busy. */
const LONGEST_RETRY_AFTER_MS = 15_000;

/** The session token of an account, which is registered if it does not exist. Throws a CrowdError if neither works. */
export async function signIn(account: Account, deps: SignInDeps): Promise<string> {
  const registered = await retryWhileBusy(deps, () => post(deps.url, '/api/auth/register', account));
  if ('token' in registered) return registered.token;
  const { email, password } = account;
  const login = await retryWhileBusy(deps, () => post(deps.url, '/api/auth/login', { email, password }));
  if ('token' in login) return login.token;
  // Any refusal of the registration but EMAIL_TAKEN is the cause: the login fails because there is no account.
  const { code, message } = registered.code === 'EMAIL_TAKEN' ? login : registered;
  throw new CrowdError(`The account ${email} cannot be used: ${code}. ${message}`);
}

type AuthReply = { token: string } | Refusal;

async function post(url: string, path: string, body: object): Promise<AuthReply> {
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

/** Repeats a request after the server's retryAfterMs: it hashes a few passwords at a time and refuses more with BUSY. */
async function retryWhileBusy({ sleep }: SignInDeps, send: () => Promise<AuthReply>): Promise<AuthReply> {
  let reply = await send();
  for (let attempts = 1; attempts < MAX_ATTEMPTS && isWorthRetrying(reply); attempts += 1) {
    await sleep(reply.retryAfterMs ?? 1_000);
    reply = await send();
  }
  return reply;
}

function isWorthRetrying(reply: AuthReply): reply is Refusal {
  return 'code' in reply && isTemporary(reply.code) && (reply.retryAfterMs ?? 0) <= LONGEST_RETRY_AFTER_MS;
}
