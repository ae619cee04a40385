import { expect, test } from 'vitest';
import { facts, text } from './mail.ts';
import { renderMail } from './render-mail.ts';
import { createTranslator } from './texts/translator.ts';

const SITE = {
  name: 'Frontrow',
  contactEmail: null,
  imprintUrl: null,
  privacyUrl: null,
  termsUrl: null,
  demoPayments: false,
  hasMail: true,
  wallets: { apple: false, google: false },
  holdsFirst: true,
};

test('text of people in a mail has its own direction, as plain text and as HTML', () => {
  const venue = 'תיאטרון (אולם 2)';
  const mail = { subject: 'Your booking', blocks: [text('Your seats are booked.'), facts(['Place', venue])] };
  const rendered = renderMail(mail, { name: 'דנה' }, SITE, createTranslator('en'));
  expect(rendered.text).toContain('Hello \u2068דנה\u2069,');
  expect(rendered.text).toContain(`Place: \u2068${venue}\u2069`);
  expect(rendered.html).toContain(`<td dir="auto" style="padding:2px 0">${venue}</td>`);
});

test('markup in a text of people is text', () => {
  const mail = { subject: 'a\r\nBcc: x@evil.example', blocks: [facts(['Place', '<img src=x onerror=alert(1)>'])] };
  const { subject, html } = renderMail(mail, { name: '<b>' }, SITE, createTranslator('de'));
  expect(subject).toBe('a Bcc: x@evil.example');
  expect(html).not.toMatch(/<img|<b>/);
});
