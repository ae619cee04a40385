import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { expect } from 'vitest';
import { parseMail, type ReceivedMail } from './received-mail.ts';

/** Tickets are printed by a thread of low priority, which takes its time on a machine that other tests keep busy. */
const POLL = { timeout: 50_000 };

export interface MailboxOptions {
  /** Returns the SMTP reply that refuses a recipient, like `550 No such user`; null accepts the recipient. */
  refuse?: (address: string) => string | null;
}

/** An SMTP server for one test: `received` lists the accepted mails, `tried` every recipient, refused ones too. */
export async function mailbox(t: { onTestFinished(undo: () => Promise<void>): void }, options: MailboxOptions = {}) {
  const received: ReceivedMail[] = [];
  const tried: string[] = [];
  let hurry = () => {};
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo({ address }, _session, done) {
      tried.push(address);
      const answer = options.refuse?.(address) ?? null;
      done(
        answer === null
          ? null
          : Object.assign(new Error(answer.slice(4)), { responseCode: Number(answer.slice(0, 3)) }),
      );
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        received.push(
          parseMail(
            Buffer.concat(chunks).toString('utf8'),
            envelope.rcptTo.map(({ address }) => address),
          ),
        );
        done();
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  t.onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));

  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    tried,
    /** Sets a function that is called at every poll for a mail, for example to end the server's short waits. */
    whileWaiting: (call: () => void) => void (hurry = call),
    /** The subjects of the mails to an address, in order of arrival. */
    subjectsTo: (address: string) =>
      received.filter(({ to }) => to.includes(address)).map((mail) => mail.header('subject')),
    /** Waits until the address has at least `count` mails, and returns all of its mails. */
    async mailsTo(address: string, count = 1): Promise<ReceivedMail[]> {
      const theirs = () => received.filter(({ to }) => to.includes(address));
      const number = () => {
        hurry();
        return theirs().length;
      };
      await expect.poll(number, POLL).toBeGreaterThanOrEqual(count);
      return theirs();
    },
    /** Waits for the first mail to the address whose subject matches. */
    async mail(address: string, subject: RegExp): Promise<ReceivedMail> {
      const fitting = () => {
        hurry();
        return received.find((mail) => mail.to.includes(address) && subject.test(mail.header('subject')));
      };
      await expect.poll(fitting, POLL).toBeDefined();
      return fitting() as ReceivedMail;
    },
  };
}

export type Mailbox = Awaited<ReturnType<typeof mailbox>>;
