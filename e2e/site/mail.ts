import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from '@playwright/test';
import { SMTPServer } from 'smtp-server';
import { parseMail, type ReceivedMail } from '../../server/test/support/received-mail.ts';

/** A mail server that keeps the mails it receives. */
export interface MailServer {
  url: string;
  /** Waits for a mail to this address with a link to the page, and returns the newest such link. */
  linkTo(address: string, page: 'reset' | 'verify'): Promise<string>;
  /** Waits for a mail to this address with a ticket's link, and returns the newest. */
  ticketLinkTo(address: string): Promise<string>;
  /** Waits for a mail to this address with the link that ends reminders, and returns the newest. */
  reminderLinkTo(address: string): Promise<string>;
  /** Waits for a mail to this address whose HTML shows an inline image, and returns it. */
  illustratedMailTo(address: string): Promise<ReceivedMail>;
  /** Waits for the `count`th mail with a code to this address, and returns its code. */
  codeTo(address: string, count?: number): Promise<string>;
  /** Whether it takes no mails for now. */
  refuseAll(isRefusing: boolean): void;
  close(): Promise<void>;
}

export async function startMailServer(): Promise<MailServer> {
  const mails: { to: string[]; text: string }[] = [];
  const whole: ReceivedMail[] = [];
  let isRefusing = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo(_address, _session, done) {
      const later = Object.assign(new Error('Try again later'), { responseCode: 451 });
      done(isRefusing ? later : null);
    },
    onData(stream, { envelope }, done) {
      let raw = '';
      stream.on('data', (chunk: Buffer) => (raw += chunk.toString('utf8')));
      stream.on('end', () => {
        const text = raw.replace(/=\r\n/g, '').replace(/=3D/g, '=');
        const to = envelope.rcptTo.map(({ address }) => address);
        mails.push({ to, text });
        whole.push(parseMail(raw, to));
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');

  async function newestOf(address: string, pattern: RegExp): Promise<string> {
    const theirs = () => mails.filter(({ to }) => to.includes(address)).map(({ text }) => pattern.exec(text)?.[0]);
    await expect.poll(() => theirs().some(Boolean), { timeout: 20_000 }).toBe(true);
    return theirs().findLast(Boolean) ?? '';
  }

  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    linkTo: (address, page) => newestOf(address, new RegExp(`http://[^\\s"<>]+/${page}\\?token=[\\w-]+`)),
    ticketLinkTo: (address) => newestOf(address, /http:\/\/[^\s"<>]+\/t\/[\w.-]+/),
    reminderLinkTo: (address) => newestOf(address, /http:\/\/[^\s"<>]+\/reminders\/1[\w.-]+/),
    async illustratedMailTo(address) {
      const theirs = () => whole.find(({ to, html }) => to.includes(address) && html.includes('"cid:'));
      await expect.poll(theirs, { timeout: 20_000 }).toBeDefined();
      return theirs() as ReceivedMail;
    },
    async codeTo(address, count = 1) {
      const theirs = () =>
        mails.filter(({ to }) => to.includes(address)).flatMap(({ text }) => /^(\d{6})\r?$/m.exec(text)?.[1] ?? []);
      await expect.poll(() => theirs().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
      return theirs()[count - 1] ?? '';
    },
    refuseAll: (isNow) => void (isRefusing = isNow),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
