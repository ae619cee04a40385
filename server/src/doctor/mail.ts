import type { Config } from '#server/config.ts';
import type { Finding } from './finding.ts';
import { good, look, wrong } from './finding.ts';

type MailConfig = Pick<Config, 'smtpUrl' | 'mailFrom' | 'production'>;

/** `failure`: why the mail server does not take mails; null if it does. */
export function judgeMail({ smtpUrl, mailFrom, production }: MailConfig, failure: string | null): Finding {
  const check = 'mail';
  if (smtpUrl === null && production)
    return wrong(
      check,
      'no mail server',
      'Set SMTP_URL and MAIL_FROM: no code to sign in, no ticket and no new password arrives.',
    );
  if (smtpUrl === null) return good(check, 'written to the log, as nothing is in production');
  if (failure !== null)
    return wrong(check, `the mail server refuses: ${failure}`, 'Compare SMTP_URL with what the mail server expects.');
  if (mailFrom === null)
    return look(
      check,
      'the mail server answers; the sender is a guess',
      'Set MAIL_FROM to an address that it may send as.',
    );
  return good(check, 'the mail server answers and takes our name and password');
}
