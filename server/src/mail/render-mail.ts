import type { Locale } from '#shared/account.ts';
import { isolated } from '#shared/text/isolated.ts';
import type { Site } from '#shared/site.ts';
import type { Block, Mail } from './mail.ts';
import { PICTURE_ID, TICKET_CODE_ID } from './mail.ts';
import type { Translator } from './texts/translator.ts';

/** A mail ready to send: the same content as plain text and as HTML. */
export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

/** Renders a mail for one recipient, with greeting and footer. */
export function renderMail(mail: Mail, recipient: { name: string }, site: Site, translator: Translator): RenderedMail {
  const blocks: Block[] = [{ kind: 'text', text: greetingOf(oneLine(recipient.name), translator) }, ...mail.blocks];
  const footer = footerOf(site, translator);
  const subject = oneLine(mail.subject);
  return {
    subject,
    text:
      [...blocks.flatMap(blockText), '-- ', ...footer.map(lineText)].join('\n\n').replace(/-- \n\n/, '-- \n') + '\n',
    html: pageHtml(subject, blocks, footer, translator.locale),
  };
}

/** An address without an account has no name yet. */
function greetingOf(name: string, { say }: Translator): string {
  return name === '' ? say('hello.unknown') : say('hello', { name });
}

interface FooterLine {
  text: string;
  url: string | null;
}

function footerOf(site: Site, { say }: Translator): FooterLine[] {
  const link = (text: string, url: string | null) => (url === null ? [] : [{ text, url }]);
  const contact = site.contactEmail;
  return [
    { text: isolated(site.name), url: null },
    ...(contact === null ? [] : [{ text: say('footer.contact', { email: contact }), url: null }]),
    ...link(say('footer.imprint'), site.imprintUrl),
    ...link(say('footer.privacy'), site.privacyUrl),
    ...link(say('footer.terms'), site.termsUrl),
  ];
}

function lineText({ text, url }: FooterLine): string {
  return url === null ? text : `${text}: ${url}`;
}

/** Nothing of an image: the attached file holds it. */
function blockText(block: Block): string | [] {
  switch (block.kind) {
    case 'text':
      return block.text;
    case 'facts':
      return block.facts.map(([label, value]) => `${label}: ${isolated(oneLine(value))}`).join('\n');
    case 'button':
    case 'link':
      return `${block.label}:\n${block.url}`;
    case 'code':
      return block.code;
    case 'ticketCode':
    case 'picture':
      return [];
    default:
      return block satisfies never;
  }
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p style="margin:0 0 16px">${textHtml(block.text)}</p>`;
    case 'facts':
      return `<table role="presentation" style="margin:0 0 16px;border-collapse:collapse">${block.facts.map(factHtml).join('')}</table>`;
    case 'button':
      return `<p style="margin:0 0 16px"><a href="${escapeHtml(block.url)}" style="${BUTTON}">${escapeHtml(block.label)}</a></p>`;
    case 'code':
      return `<p style="${CODE}">${escapeHtml(block.code)}</p>`;
    case 'link':
      return `<p style="margin:0 0 16px"><a href="${escapeHtml(block.url)}" style="color:#1a4fa0">${escapeHtml(block.label)}</a></p>`;
    case 'ticketCode':
      return `<p style="margin:0 0 16px"><img src="cid:${TICKET_CODE_ID}" width="240" height="240" alt="${escapeHtml(block.alt)}" style="display:block;background:#ffffff"></p>`;
    case 'picture':
      return `<p style="margin:0 0 16px"><img src="cid:${PICTURE_ID}" width="480" alt="${escapeHtml(block.alt)}" style="display:block;max-width:100%;height:auto;border-radius:8px"></p>`;
    default:
      return block satisfies never;
  }
}

const BUTTON =
  'display:inline-block;padding:12px 20px;border-radius:6px;background:#1a1a1a;color:#ffffff;text-decoration:none;font-weight:bold';

const CODE = 'margin:0 0 16px;font-size:32px;line-height:1.25;font-weight:bold;letter-spacing:4px';

function factHtml([label, value]: readonly [string, string]): string {
  return `<tr><th style="text-align:left;padding:2px 16px 2px 0;font-weight:normal;color:#595959;vertical-align:top">${escapeHtml(label)}</th><td dir="auto" style="padding:2px 0">${escapeHtml(value)}</td></tr>`;
}

function footerHtml({ text, url }: FooterLine): string {
  return url === null ? escapeHtml(text) : `<a href="${escapeHtml(url)}" style="color:#595959">${escapeHtml(text)}</a>`;
}

/** Without remote content, so that no server learns that the mail was opened: its images are parts of the mail. */
function pageHtml(title: string, blocks: readonly Block[], footer: readonly FooterLine[], locale: Locale): string {
  return `<!doctype html>
<html lang="${locale}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;padding:24px;background:#ffffff;color:#1a1a1a;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:560px;margin:0 auto;overflow-wrap:anywhere;word-break:break-word">
${blocks.map(blockHtml).join('\n')}
<p style="margin:32px 0 0;padding-top:16px;border-top:1px solid #d9d9d9;color:#595959;font-size:14px">${footer.map(footerHtml).join('&nbsp;· ')}</p>
</div>
</body>
</html>
`;
}

function textHtml(value: string): string {
  return escapeHtml(value).replace(/\r\n|\r|\n/g, '<br>');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Replaces line breaks and control characters by spaces, for headers and single lines. */
export function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
