import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LoginClient, SignedInUser } from '#server/accounts/accounts.ts';
import { deviceOf } from '#server/accounts/device.ts';
import type { KnownDevices } from '#server/accounts/guessing/known-devices.ts';
import type { Config } from '#server/config.ts';
import { toUser } from '#server/models/views.ts';
import { deviceMarks, setDeviceCookie, setSessionCookie } from '../../cookies.ts';

export interface SignedInDeps {
  config: Pick<Config, 'publicUrl'>;
  knownDevices: KnownDevices;
}

/** The client that signs in with this request. */
export function clientOf(request: FastifyRequest): LoginClient {
  return { address: request.ip, device: deviceOf(request.headers['user-agent']), marks: deviceMarks(request) };
}

/** Gives a browser the cookies of its new session; returns what the answer says of it. */
export function signedInBody(deps: SignedInDeps, request: FastifyRequest, reply: FastifyReply, signedIn: SignedInUser) {
  setSessionCookie(deps, reply, signedIn);
  setDeviceCookie(deps, request, reply, signedIn.user._id.toHexString());
  return { user: toUser(signedIn.user), token: signedIn.token };
}
