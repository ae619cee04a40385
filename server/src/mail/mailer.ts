import { createHash } from 'node:crypto';
import nodemailer from 'nodemailer';
import type { Config } from '#server/config.ts';
import type { Log } from '#server/log.ts';
import type { RenderedMail } from './render-mail.ts';
import { oneLine } from './render-mail.ts';

/** Connections to the mail server at a time, and how long each step of one may take. */
export const CONNECTIONS = 4;
const CONNECT_MS = 10_000;
const IDLE_MS = 30_000;

export interface AddressedMail extends RenderedMail {
  to: { name: string; address: string };
  /** The fact it tells: the same fact has the same Message-ID, however often it is sent. */
  fact: string;
  calendar?: string;
}

export interface MailerOptions {
  config: Pick<Config, 'smtpUrl' | 'mailFrom' | 'siteName' | 'contactEmail'>;
  /** The address of the site, which names the sender where no setting does. */
  origin: () => string;
  log: Log;
}

/** `refused`: never for this address. Whatever may pass is thrown. */
export type SendOutcome = 'sent' | 'refused';

export interface Mailer {
  send(mail: AddressedMail): Promise<SendOutcome>;
  close(): void;
}

/** The buyers of the sample data: nobody reads what is sent there. */
const NOBODY = /@buyers\.frontrow\.example$/;

/** Sends mails over SMTP_URL; while it is unset they are written to the log, links and all. */
export function createMailer(options: MailerOptions): Mailer {
  const { smtpUrl } = options.config;
  const mailer = smtpUrl === null ? logMailer(options.log) : smtpMailer(options, smtpUrl);
  return {
    ...mailer,
    send: async (mail) => (NOBODY.test(mail.to.address) ? 'refused' : mailer.send(mail)),
  };
}

function logMailer(log: Log): Mailer {
  return {
    async send({ to, subject, text }) {
      log.info({ mail: { to: to.address, subject, text, links: text.match(/https?:\/\/\S+/g) ?? [] } }, 'A mail');
      return 'sent';
    },
    close: () => undefined,
  };
}

function smtpMailer({ config, origin, log }: MailerOptions, url: string): Mailer {
  const transport = nodemailer.createTransport({
    ...{ url, pool: true, maxConnections: CONNECTIONS, maxMessages: Infinity },
    ...{ connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, socketTimeout: IDLE_MS },
    // What a mail holds comes from us: it never names a file or an address to be read.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  return {
    async send(mail) {
      try {
        await transport.sendMail(messageOf(mail, sender(config, origin())));
        return 'sent';
      } catch (error) {
        if (!isRefusal(error)) throw error;
        log.warn({ fact: mail.fact, err: error }, 'The mail server takes no mail for this address');
        return 'refused';
      }
    },
    close: () => transport.close(),
  };
}

interface Sender {
  from: string | { name: string; address: string };
  host: string;
}

function sender({ mailFrom, siteName, contactEmail }: MailerOptions['config'], origin: string): Sender {
  const host = new URL(origin).hostname;
  return { from: mailFrom ?? { name: siteName, address: contactEmail ?? `no-reply@${host}` }, host };
}

function messageOf({ to, subject, text, html, fact, calendar }: AddressedMail, { from, host }: Sender) {
  return {
    from,
    to: { name: oneLine(to.name), address: to.address },
    ...{ subject, text, html },
    messageId: messageId(fact, host),
    // Answers of machines (out of office) are not wanted.
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...(calendar !== undefined && {
      attachments: [
        { filename: 'event.ics', content: calendar, contentType: 'text/calendar; charset=utf-8; method=PUBLISH' },
      ],
    }),
  };
}

function messageId(fact: string, host: string): string {
  return `<${createHash('sha256').update(fact).digest('hex').slice(0, 32)}@${host}>`;
}

/** The server has said of this address that it never takes a mail for it; of ourselves it may think better later. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('responseCode' in error) || !('command' in error)) return false;
  const { responseCode, command } = error;
  return command === 'RCPT TO' && typeof responseCode === 'number' && responseCode >= 500;
}
