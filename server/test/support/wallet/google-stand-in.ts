import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { googleSettings } from './pass-keys.ts';

/** The claims of a token that the service account has signed; throws for one that it has not. */
export function readToken(token: string): Record<string, unknown> {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string };
  if (alg !== 'RS256') throw new Error(`Signed by ${alg}`);
  const key = createPublicKey(googleSettings().GOOGLE_WALLET_KEY);
  if (!verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url')))
    throw new Error('The signature is wrong');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
}

interface Patch {
  /** `eventTicketClass/…` or `eventTicketObject/…`. */
  path: string;
  body: Record<string, unknown>;
}

/** Google's servers of tokens and of passes: they know each class and object that is not in `unknown`. */
export async function googleStandIn(t: { onTestFinished(undo: () => Promise<void>): void }) {
  const patches: Patch[] = [];
  const unknown = new Set<string>();
  const failures: number[] = [];
  let tokens = 0;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const answer = (status: number, content: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
    if (request.url === '/token') {
      const claims = readToken(new URLSearchParams(body).get('assertion') ?? '');
      if (claims['scope'] !== 'https://www.googleapis.com/auth/wallet_object.issuer') return answer(400, claims);
      return answer(200, { access_token: `access-${(tokens += 1)}`, expires_in: 3_600 });
    }
    if (request.headers.authorization !== `Bearer access-${tokens}`) return answer(401, {});
    const failure = failures.shift();
    if (failure !== undefined) return answer(failure, { error: 'planned' });
    const path = (request.url ?? '').replace(/^\/v1\//, '');
    if (request.method !== 'PATCH' || unknown.has(path)) return answer(404, {});
    patches.push({ path, body: JSON.parse(body) as Record<string, unknown> });
    return answer(200, {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    test: { tokenUrl: `${origin}/token`, apiUrl: `${origin}/v1` },
    patches,
    unknown,
    /** The statuses that the next changes are answered with. */
    failures,
    tokens: () => tokens,
  };
}
