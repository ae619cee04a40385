import { expect, it } from 'vitest';
import { quiet } from '../../../test/support/quiet.ts';
import { createMailer } from './mailer.ts';

it('logs mails while SMTP_URL is unset, but refuses those to the buyers of the sample data', async () => {
  const logged: unknown[] = [];
  const config = { smtpUrl: null, mailFrom: null, siteName: 'Frontrow', contactEmail: null, production: false };
  const log = { ...quiet, info: (what: unknown) => void logged.push(what) };
  const mailer = createMailer({ config, origin: () => 'http://localhost', log });
  const mailTo = (address: string) => ({
    to: { name: 'Ida', address },
    fact: address,
    subject: 'Your booking',
    text: 'Here it is.',
    html: '',
  });

  expect(await mailer.send(mailTo('ida@buyers.frontrow.example'))).toBe('refused');
  expect(await mailer.send(mailTo('ida@example.org'))).toBe('sent');

  expect(logged).toMatchObject([{ mail: { to: 'ida@example.org' } }]);
});

it('sends nothing in production while SMTP_URL is unset, and the log has no address, text or link', async () => {
  const logged: unknown[] = [];
  const config = { smtpUrl: null, mailFrom: null, siteName: 'Frontrow', contactEmail: null, production: true };
  const log = { ...quiet, info: (...what: unknown[]) => void logged.push(what) };
  const mailer = createMailer({ config, origin: () => 'https://tickets.example.org', log });
  const text = 'Set a new password: https://tickets.example.org/reset?token=abc';
  const to = { name: 'Ida', address: 'ida@example.org' };
  expect(await mailer.send({ to, fact: 'reset:1', subject: 'A new password', text, html: '' })).toBe('refused');
  expect(logged).toEqual([[{ fact: 'reset:1' }, 'No mail server is configured: a mail was not sent']]);
});
