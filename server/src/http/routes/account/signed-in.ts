import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LoginClient, SignedInUser } from '#server/accounts/accounts.ts';
import { deviceOf } from '#server/accounts/device.ts';
import type { KnownDevices } from '#server/accounts/guessing/known-devices.ts';
import type { ProvisionalAccounts } from '#server/accounts/provisional/provisional-accounts.ts';
import type { Identity } from '#server/accounts/sessions.ts';
import type { Config } from '#server/config.ts';
import { toUser } from '#server/models/views.ts';
import { deviceMarks, setDeviceCookie, setSessionCookie } from '../../cookies.ts';
import type { Identify } from '../../identity.ts';

type AccountId = Identity['user']['_id'];

export interface SignedInDeps {
  config: Pick<Config, 'publicUrl'>;
  knownDevices: KnownDevices;
  identify: Identify;
  provisionalAccounts: Pick<ProvisionalAccounts, 'open' | 'takeOver' | 'handOverNow'>;
}

/** The client that signs in with this request. */
export function clientOf(request: FastifyRequest): LoginClient {
  return { address: request.ip, device: deviceOf(request.headers['user-agent']), marks: deviceMarks(request) };
}

/** The provisional account that the visitor has held seats with until now; null without one. */
export async function provisionalIdOf(
  { identify }: Pick<SignedInDeps, 'identify'>,
  request: FastifyRequest,
): Promise<AccountId | null> {
  const identity = await identify(request);
  return identity?.user.provisional ? identity.user._id : null;
}

/**
 * Gives a browser the cookies of its new session, and its account the holds of the provisional one; returns what the
 * answer says of both.
 */
export async function signedInBody(
  deps: SignedInDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  signedIn: SignedInUser,
) {
  const provisionalId = await provisionalIdOf(deps, request);
  const isTakenOver =
    provisionalId !== null && (await deps.provisionalAccounts.takeOver(provisionalId, signedIn.user._id));
  return sessionBody(deps, request, reply, signedIn, isTakenOver ? provisionalId : null);
}

/** Likewise, where the account has taken over the provisional one with this id; null: it has taken none over. */
export async function sessionBody(
  deps: SignedInDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  signedIn: SignedInUser,
  takenOverId: AccountId | null,
) {
  const takenOver = takenOverId && (await deps.provisionalAccounts.handOverNow(takenOverId));
  setSessionCookie(deps, reply, signedIn);
  setDeviceCookie(deps, request, reply, signedIn.user._id.toHexString());
  return { user: toUser(signedIn.user), token: signedIn.token, ...(takenOver && { takenOver }) };
}
