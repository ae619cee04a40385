import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { expect } from 'vitest';

/** A received mail: `header` unfolds and decodes a header, the parts are decoded. */
export interface Received {
  to: string[];
  raw: string;
  header(name: string): string;
  text: string;
  html: string;
  calendar: string;
  /** The attached files and inline images but for the calendar file. */
  files: AttachedFile[];
}

export interface AttachedFile {
  name: string;
  type: string;
  /** The Content-ID by which the HTML shows it; '' without one. */
  id: string;
  content: Buffer;
}

export interface MailboxOptions {
  /** Returns the SMTP reply that refuses a recipient, like `550 No such user`; null accepts the recipient. */
  refuse?: (address: string) => string | null;
}

/** An SMTP server for one test: `received` lists the accepted mails, `tried` every recipient, refused ones too. */
export async function mailbox(t: { onTestFinished(undo: () => Promise<void>): void }, options: MailboxOptions = {}) {
  const received: Received[] = [];
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
          parse(
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
    async mailsTo(address: string, count = 1): Promise<Received[]> {
      const theirs = () => received.filter(({ to }) => to.includes(address));
      const number = () => {
        hurry();
        return theirs().length;
      };
      await expect.poll(number, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
      return theirs();
    },
    /** Waits for the first mail to the address whose subject matches. */
    async mail(address: string, subject: RegExp): Promise<Received> {
      const fitting = () => {
        hurry();
        return received.find((mail) => mail.to.includes(address) && subject.test(mail.header('subject')));
      };
      await expect.poll(fitting, { timeout: 20_000 }).toBeDefined();
      return fitting() as Received;
    },
  };
}

export type Mailbox = Awaited<ReturnType<typeof mailbox>>;

function parse(raw: string, to: string[]): Received {
  const parts = partsOf(raw);
  const part = (type: string) => parts.find(({ head }) => headerOf(head, 'content-type').startsWith(type))?.body ?? '';
  return {
    to,
    raw,
    header: (name) => decodeWords(headerOf(headOf(raw), name)),
    text: part('text/plain').replaceAll('\r\n', '\n'),
    html: part('text/html'),
    calendar: part('text/calendar'),
    files: parts.flatMap(({ head, raw: body }) => fileOf(head, body)),
  };
}

function fileOf(head: string, body: string): AttachedFile[] {
  const disposition = headerOf(head, 'content-disposition');
  const [type = ''] = headerOf(head, 'content-type').split(';');
  if (disposition === '' || type === 'text/calendar') return [];
  const name = /filename="?([^";]+)/.exec(disposition)?.[1] ?? '';
  const id = headerOf(head, 'content-id').replace(/^<|>$/g, '');
  return [{ name, type, id, content: Buffer.from(body, 'base64') }];
}

function headOf(source: string): string {
  return source.slice(0, source.indexOf('\r\n\r\n'));
}

function partsOf(source: string): { head: string; body: string; raw: string }[] {
  const head = headOf(source);
  const body = source.slice(head.length + 4);
  const boundary = /boundary="([^"]+)"/.exec(unfold(head))?.[1];
  if (!boundary) return [{ head, body: decodeBody(head, body), raw: body }];
  return body
    .split(`--${boundary}`)
    .slice(1, -1)
    .flatMap((piece) => partsOf(piece.replace(/^\r\n/, '')));
}

function headerOf(head: string, name: string): string {
  const line = unfold(head)
    .split('\r\n')
    .find((entry) => entry.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim() ?? '';
}

function unfold(head: string): string {
  return head.replace(/\r\n[ \t]+/g, ' ');
}

function decodeBody(head: string, body: string): string {
  const encoding = headerOf(head, 'content-transfer-encoding').toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  return encoding === 'quoted-printable' ? unquote(body.replace(/=\r\n/g, '')) : body;
}

function unquote(value: string): string {
  const bytes = value.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function decodeWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, how: string, word: string) =>
      how.toUpperCase() === 'B' ? Buffer.from(word, 'base64').toString('utf8') : unquote(word.replaceAll('_', ' ')),
    );
}
