import { once } from 'node:events';
import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { serverCertificate } from './pass-keys.ts';

/** A push as the service has received it. */
interface PassPush {
  token: string;
  topic: string;
  body: string;
  /** The subject of the certificate that the sender has proved. */
  sender: string;
}

/** Apple's push service, for clients with a certificate of the test's authority. Answers 200 unless told otherwise. */
export async function apnsStandIn(t: { onTestFinished(undo: () => Promise<void>): void }) {
  const { cert, key, ca } = serverCertificate();
  const pushes: PassPush[] = [];
  const answers = new Map<string, { status: number; reason: string }[]>();
  const sessions = new Set<ServerHttp2Session>();
  const server: Http2SecureServer = createSecureServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', async (stream, headers) => {
    stream.on('error', () => undefined);
    const token = /^\/3\/device\/(\w+)$/.exec(headers[':path'] ?? '')?.[1] ?? '';
    const { subject } = (stream.session?.socket as TLSSocket).getPeerCertificate();
    const body = await text(stream);
    pushes.push({ token, topic: String(headers['apns-topic']), body, sender: JSON.stringify(subject) });
    const answer = answers.get(token)?.shift();
    stream.respond({ ':status': answer?.status ?? 200 });
    stream.end(answer ? JSON.stringify({ reason: answer.reason }) : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.onTestFinished(async () => {
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    test: { origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca },
    pushes,
    /** The answers to the next pushes to a token; later ones succeed. */
    answer: (token: string, ...planned: { status: number; reason: string }[]) => void answers.set(token, planned),
  };
}
