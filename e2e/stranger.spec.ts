import { randomUUID } from 'node:crypto';
import type { Browser, Locator, Page } from '@playwright/test';
import { codeInImage } from '../server/test/support/read-ticket.ts';
import type { ReceivedMail } from '../server/test/support/received-mail.ts';
import { expect, test, type MailSite, type OpenOptions } from './site/mail-site.ts';
import { slowDown } from './site/network.ts';
import { createEvent } from './site/organiser.ts';
import { refusal } from './site/problems.ts';
import { heading } from './site/seats.ts';

/** A usual phone, in portrait. */
const VIEWPORT = { width: 390, height: 844 };
const PHONE: OpenOptions = { viewport: VIEWPORT, hasTouch: true, isMobile: true };
const NEW_ACCOUNT = refusal(400, '/api/auth/code/verify', 'a new account needs a name');
/** A journey that takes longer than this is broken, on the slowest machine as well. */
const BOUND_MS = 90_000;

const WORDS = {
  en: {
    path: '',
    book: 'Book 2 seats',
    plainBook: 'Book',
    email: 'Email',
    send: 'Send code',
    signIn: 'Sign in',
    name: 'Name',
    next: 'Continue',
    booked: 'You have 2 seats',
    subject: 'Your booking: ',
  },
  de: {
    path: '/de',
    book: '2 Plätze buchen',
    plainBook: 'Buchen',
    email: 'E-Mail',
    send: 'Code senden',
    signIn: 'Anmelden',
    name: 'Name',
    next: 'Weiter',
    booked: 'Sie haben 2 Plätze',
    subject: 'Ihre Buchung: ',
  },
};
type Words = (typeof WORDS)['en'];

/** A visitor on a phone: counts what the visitor presses and fills in, and times the moments of the journey. */
class Stranger {
  readonly #times: string[] = [];
  readonly #startMs = performance.now();
  readonly page: Page;
  readonly words: Words;
  presses = 0;
  fields = 0;

  constructor(page: Page, words: Words) {
    this.page = page;
    this.words = words;
  }

  get #main(): Locator {
    return this.page.getByRole('main');
  }

  async press(role: 'button' | 'link', name: string): Promise<void> {
    this.presses += 1;
    await this.#main.getByRole(role, { name, exact: true }).tap();
  }

  async fill(label: string, text: string): Promise<void> {
    this.fields += 1;
    await this.#main.getByLabel(label, { exact: true }).fill(text);
  }

  time(moment: string): number {
    const ms = performance.now() - this.#startMs;
    this.#times.push(`${moment} ${(ms / 1_000).toFixed(1)} s`);
    return ms;
  }

  report(): void {
    const effort = `${this.fields} fields, ${this.presses} presses`;
    test.info().annotations.push({ type: 'journey', description: [effort, ...this.#times].join(' · ') });
  }
}

/** From the link to the booked seats, where scripts run: all on the page of the event. */
async function bookWithScripts({ mails }: MailSite, one: Stranger, email: string): Promise<void> {
  const { words } = one;
  await expect(one.page.getByRole('main').getByRole('link', { name: words.book })).toBeVisible();
  one.time('can book');
  await one.press('link', words.book);
  await one.fill(words.email, email);
  await one.press('button', words.send);
  await one.fill('Code', await mails.codeTo(email));
  await one.fill(words.name, 'Frieda Fröhlich');
  await one.press('button', words.next);
}

/** The same by plain forms, over the page for signing in. */
async function bookWithoutScripts({ mails }: MailSite, one: Stranger, email: string): Promise<void> {
  const { words } = one;
  await one.press('button', words.plainBook);
  await one.fill(words.email, email);
  await one.press('button', words.send);
  await one.fill('Code', await mails.codeTo(email));
  await one.press('button', words.signIn);
  await one.fill(words.name, 'Frieda Fröhlich');
  await one.press('button', words.next);
  await one.press('button', words.plainBook);
}

/** Opens the mail's own HTML as a mail program does, and reads the code that it shows. */
async function codeInMail(browser: Browser, { html, files }: ReceivedMail): Promise<string | null> {
  const shown = html.replace(/"cid:([^"]+)"/g, (_, id: string) => {
    const file = files.find((one) => one.id === id);
    return `"data:${file?.type};base64,${file?.content.toString('base64')}"`;
  });
  const page = await browser.newPage({ viewport: VIEWPORT, javaScriptEnabled: false });
  await page.setContent(shown);
  const overflow = await page.locator('html').evaluate((root) => root.scrollWidth - root.clientWidth);
  expect(overflow, 'the mail fits the phone').toBe(0);
  const code = page.getByRole('img', { name: /QR/ });
  const image = await code.screenshot();
  await page.close();
  return codeInImage(image);
}

const journeys = [
  { name: 'in English', language: 'en', scripts: true },
  { name: 'in German', language: 'de', scripts: true },
  { name: 'in English with scripts off', language: 'en', scripts: false },
  { name: 'in German with scripts off', language: 'de', scripts: false },
] as const;

for (const { name, language, scripts } of journeys) {
  test(`a stranger gets from a shared link to the QR code in the mail on a phone over slow 3G, ${name}`, async ({
    mailSite,
    browser,
    open,
  }) => {
    test.setTimeout(BOUND_MS + 30_000);
    const words = WORDS[language];
    const event = await createEvent(mailSite.organiser, { address: 'Feuerwehrgasse 4, 04103 Leipzig' });
    const page = await open({ ...PHONE, javaScriptEnabled: scripts, allowed: scripts ? [NEW_ACCOUNT] : [] });
    await slowDown(page);
    const email = `${randomUUID()}@example.org`;
    const one = new Stranger(page, words);
    await page.goto(`${words.path}/events/${event.id}`, { waitUntil: 'commit' });
    await expect(heading(page, event.title)).toBeVisible();
    one.time('can read');
    await (scripts ? bookWithScripts : bookWithoutScripts)(mailSite, one, email);
    await expect(heading(page, words.booked)).toBeVisible();
    one.time('has seats');
    const mail = await mailSite.mails.illustratedMailTo(email);
    const bookedMs = one.time('has mail');
    one.report();

    expect(mail.header('subject')).toBe(`${words.subject}${event.title}`);
    const { booking } = await mailSite.organiser.must('checkIn', {
      ticket: (await codeInMail(browser, mail)) ?? 'no code',
    });
    expect(booking).toMatchObject({ eventId: event.id, checkedInSeats: 2 });
    expect(one.fields).toBeLessThanOrEqual(3);
    expect(one.presses).toBeLessThanOrEqual(scripts ? 4 : 5);
    expect(bookedMs).toBeLessThan(BOUND_MS);
  });
}
