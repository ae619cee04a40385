import type { JsonWebKey } from 'node:crypto';
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, randomUUID, verify } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:http';
import { Agent } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request to the push service as received. */
export interface Delivery {
  path: string;
  method: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** The answer to one push message: an HTTP status, or `cut`, which closes the connection without an answer. */
export type ServiceAnswer = number | 'cut';

const ORIGIN = 'https://push.example.org';

/**
 * A push service that records each request and gives each browser its planned answers in order; the last answer is
 * repeated. `agent` connects requests to any push service to this one, without TLS.
 */
export async function pushService(t: { onTestFinished(undo: () => Promise<void>): void }) {
  const deliveries: Delivery[] = [];
  const answers = new Map<string, ServiceAnswer[]>();
  const server = createServer(async (request, response) => {
    const { url: path = '', method = '', headers } = request;
    deliveries.push({ path, method, headers, body: await buffer(request) });
    const left = answers.get(path) ?? [];
    const answer = left.length > 1 ? left.shift() : left[0];
    if (answer === 'cut') request.socket.destroy();
    else response.writeHead(answer ?? 404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  t.onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  return {
    origin: ORIGIN,
    agent: Object.assign(new Agent(), { createConnection: (): Socket => connect(port, '127.0.0.1') }),
    deliveries,
    /** A new browser that is subscribed here; `answersOf` are the answers to the messages for it. */
    browser: (...answersOf: ServiceAnswer[]) => {
      const path = `/send/${randomUUID()}`;
      answers.set(path, answersOf);
      return aBrowser(ORIGIN + path, () => deliveries.filter((one) => one.path === path));
    },
  };
}

/** The browser's side of a subscription: its keys, the messages for it, and their decryption. */
function aBrowser(endpoint: string, deliveries: () => Delivery[]) {
  const ecdh = createECDH('prime256v1');
  const p256dh = ecdh.generateKeys();
  const auth = randomBytes(16);
  return {
    subscription: { endpoint, keys: { p256dh: p256dh.toString('base64url'), auth: auth.toString('base64url') } },
    deliveries,
    /** Decrypts a message (RFC 8291); throws if it was encrypted for another browser. */
    read({ body }: Delivery): unknown {
      const senderKey = body.subarray(21, 21 + body.readUInt8(20));
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, senderKey]);
      const secret = hkdfSync('sha256', ecdh.computeSecret(senderKey), auth, info, 32);
      return JSON.parse(decipher(body, senderKey.length, Buffer.from(secret))) as unknown;
    },
  };
}

/** Decrypts a single aes128gcm record (RFC 8188): salt, record size, key length, sender's key, ciphertext with tag. */
function decipher(body: Buffer, keyLength: number, secret: Buffer): string {
  const salt = body.subarray(0, 16);
  const derive = (use: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${use}\0`, length));
  const record = body.subarray(21 + keyLength);
  if (record.length > body.readUInt32BE(16)) throw new Error('More than one record');
  const cipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  cipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()]);
  const end = padded.lastIndexOf(2);
  if (padded.subarray(end + 1).some((byte) => byte !== 0)) throw new Error('Not the last record');
  return padded.subarray(0, end).toString('utf8');
}

/** The sender's VAPID key and claims (RFC 8292); throws if the signature is not of that key. */
export function senderOf({ headers }: Delivery): { key: string; claims: { aud: string; exp: number; sub: string } } {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(headers.authorization ?? '') ?? [];
  const [head = '', claims = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  const jwk = { kty: 'EC', crv: 'P-256', x, y } as JsonWebKey;
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  const signed = Buffer.from(`${head}.${claims}`);
  const isTheirs = verify(
    'sha256',
    signed,
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isTheirs) throw new Error('Signed by somebody else');
  return { key, claims: JSON.parse(Buffer.from(claims, 'base64url').toString()) };
}
