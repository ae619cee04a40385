import { expect, it } from 'vitest';
import { quiet } from '../../../test/support/quiet.ts';
import { createMailer } from './mailer.ts';

it('logs mails while SMTP_URL is unset, but refuses those to the buyers of the sample data', async () => {
  const logged: unknown[] = [];
  const config = { smtpUrl: null, mailFrom: null, siteName: 'Frontrow', contactEmail: null };
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
