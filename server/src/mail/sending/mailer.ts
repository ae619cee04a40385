import { createHash } from 'node:crypto';
import nodemailer from 'nodemailer';
import type { Config } from '#server/config.ts';
import type { Log } from '#server/log.ts';
import type { TicketFiles } from '#server/tickets/ticket-files.ts';
import { PICTURE_ID, TICKET_CODE_ID } from '../mail.ts';
import type { RenderedMail } from '../render-mail.ts';
import { oneLine } from '../render-mail.ts';
import { MOST_CONNECTIONS } from './mail-pace.ts';

const CONNECT_MS = 10_000;
const IDLE_MS = 30_000;
const TIMEOUTS = { connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, socketTimeout: IDLE_MS };

interface AddressedMail extends RenderedMail {
  to: { name: string; address: string };
  /** The fact that this mail notifies. One fact always has the same Message-ID, so mail programs merge duplicates. */
  fact: string;
  /** Where a POST request ends mails of this kind. */
  unsubscribe?: string;
  calendar?: string;
  ticket?: () => Promise<TicketFiles | null>;
}

export interface MailerOptions {
  config: Pick<Config, 'smtpUrl' | 'mailFrom' | 'siteName' | 'contactEmail' | 'production'>;
  /** The public address of the site; its host names the sender if no setting does. */
  origin: () => string;
  log: Log;
}

/** `refused`: no mail server will deliver it to this address. Transient failures are thrown. */
export type SendOutcome = 'sent' | 'refused';

export interface Mailer {
  send(mail: AddressedMail): Promise<SendOutcome>;
  close(): void;
}

/** Addresses of the sample data's buyers, who do not exist. */
const SAMPLE_BUYER = /@buyers\.frontrow\.example$/;

/**
 * Sends mails over SMTP_URL. While that is unset, writes them to the log, links included; in production, whose log others
 * read, nothing of them.
 */
export function createMailer(options: MailerOptions): Mailer {
  const { smtpUrl, production } = options.config;
  const withoutServer = production ? noMailer : logMailer;
  const mailer = smtpUrl === null ? withoutServer(options.log) : smtpMailer(options, smtpUrl);
  return {
    ...mailer,
    send: async (mail) => (SAMPLE_BUYER.test(mail.to.address) ? 'refused' : mailer.send(mail)),
  };
}

/** Why the mail server takes no mails from this machine; null if it does. Sends none. */
export async function examineMailServer(smtpUrl: string): Promise<string | null> {
  const transport = nodemailer.createTransport({ url: smtpUrl, ...TIMEOUTS });
  try {
    await transport.verify();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    transport.close();
  }
}

function logMailer(log: Log): Mailer {
  return {
    async send({ to, subject, text }) {
      log.info(
        { mail: { to: to.address, subject, text, links: text.match(/https?:\/\/\S+/g) ?? [] } },
        'No mail server is configured: a mail was logged instead of sent',
      );
      return 'sent';
    },
    close: () => undefined,
  };
}

function noMailer(log: Log): Mailer {
  return {
    async send({ fact }) {
      log.info({ fact }, 'No mail server is configured: a mail was not sent');
      return 'refused';
    },
    close: () => undefined,
  };
}

function smtpMailer({ config, origin, log }: MailerOptions, url: string): Mailer {
  const transport = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: MOST_CONNECTIONS,
    maxMessages: Infinity,
    ...TIMEOUTS,
    // The content of a mail is always given inline: nodemailer must never read a file or an address for it.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(mail) {
      try {
        await transport.sendMail(await messageOf(mail, senderOf(config, origin())));
        return 'sent';
      } catch (error) {
        if (!isAddressRefused(error)) throw error;
        log.warn({ fact: mail.fact, err: error }, 'The mail server refused the address of a mail');
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

function senderOf({ mailFrom, siteName, contactEmail }: MailerOptions['config'], origin: string): Sender {
  const host = new URL(origin).hostname;
  return { from: mailFrom ?? { name: siteName, address: contactEmail ?? `no-reply@${host}` }, host };
}

async function messageOf(mail: AddressedMail, { from, host }: Sender) {
  const { to, subject, text, html, fact, calendar, unsubscribe } = mail;
  const ticket = await mail.ticket?.();
  return {
    from,
    to: { name: oneLine(to.name), address: to.address },
    subject,
    text,
    html,
    messageId: messageIdOf(fact, host),
    // RFC 3834: asks mail programs for no automatic replies (out of office).
    headers: { 'Auto-Submitted': 'auto-generated', ...(unsubscribe !== undefined && unsubscribeHeaders(unsubscribe)) },
    attachments: [
      ...(ticket ? ticketAttachments(ticket) : []),
      ...(calendar === undefined ? [] : [calendarOf(calendar)]),
    ],
  };
}

/** RFC 8058: the mail program's own button sends a POST request to this address. */
function unsubscribeHeaders(url: string) {
  return { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

function calendarOf(content: string) {
  return { filename: 'event.ics', content, contentType: 'text/calendar; charset=utf-8; method=PUBLISH' };
}

function ticketAttachments({ name, code, pdf, picture }: TicketFiles) {
  const shown = {
    filename: 'event.jpg',
    contentType: 'image/jpeg',
    cid: PICTURE_ID,
    contentDisposition: 'inline',
  } as const;
  return [
    {
      filename: `${name}.png`,
      content: code,
      contentType: 'image/png',
      cid: TICKET_CODE_ID,
      contentDisposition: 'inline',
    },
    { filename: `${name}.pdf`, content: pdf, contentType: 'application/pdf' },
    ...(picture ? [{ ...shown, content: picture }] : []),
  ] as const;
}

function messageIdOf(fact: string, host: string): string {
  return `<${createHash('sha256').update(fact).digest('hex').slice(0, 32)}@${host}>`;
}

/** A permanent refusal (5xx) of the recipient's address. A refused sender or login is not one: it can be transient. */
function isAddressRefused(error: unknown): boolean {
  if (!(error instanceof Error) || !('responseCode' in error) || !('command' in error)) return false;
  const { responseCode, command } = error;
  return command === 'RCPT TO' && typeof responseCode === 'number' && responseCode >= 500;
}
