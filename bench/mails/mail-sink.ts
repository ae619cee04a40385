import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

interface MailSink {
  url: string;
  close(): Promise<void>;
}

/** A mail server that accepts every mail and drops it, `answerMs` after it has arrived, as a distant one does. */
export async function openMailSink(answerMs: number): Promise<MailSink> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, done) {
      stream.resume();
      stream.on('end', () => setTimeout(done, answerMs));
    },
  });
  // A connection that the measured server ends is no fault.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, close: () => new Promise((resolve) => server.close(resolve)) };
}
