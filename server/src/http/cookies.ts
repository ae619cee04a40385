import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KnownDevices } from '#server/accounts/guessing/known-devices.ts';
import type { OpenSession } from '#server/accounts/sessions.ts';
import type { Config } from '#server/config.ts';

export const SESSION_COOKIE = 'session';
/** The marks by which a browser is a known device of the accounts that have signed in on it. */
const DEVICE_COOKIE = 'device';

interface CookieDeps {
  config: Pick<Config, 'publicUrl'>;
}

export function setSessionCookie(deps: CookieDeps, reply: FastifyReply, { session, token }: OpenSession): void {
  reply.setCookie(SESSION_COOKIE, token, { ...cookieFlags(deps), expires: session.expiresAt });
}

/** Deletes the session cookie in the browser. */
export function clearSessionCookie(deps: CookieDeps, reply: FastifyReply): FastifyReply {
  return reply.clearCookie(SESSION_COOKIE, cookieFlags(deps));
}

/** The marks that a request's browser has as a known device; "" if it has none. */
export function deviceMarks(request: FastifyRequest): string {
  return request.cookies[DEVICE_COOKIE] ?? '';
}

/** Makes the browser a known device of an account. */
export function setDeviceCookie(
  deps: CookieDeps & { knownDevices: KnownDevices },
  request: FastifyRequest,
  reply: FastifyReply,
  userId: string,
): void {
  const { value, expires } = deps.knownDevices.withAccount(deviceMarks(request), userId);
  reply.setCookie(DEVICE_COOKIE, value, { ...cookieFlags(deps), expires });
}

/** Secure only if the public address is https: browsers drop a secure cookie that comes over http. */
function cookieFlags({ config }: CookieDeps) {
  const secure = config.publicUrl?.startsWith('https:') ?? false;
  return { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
}
