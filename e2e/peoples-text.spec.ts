import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { confirmedMail, releasedMail } from '#server/mail/booking-texts.ts';
import { TICKET_CODE_ID } from '#server/mail/mail.ts';
import { renderMail } from '#server/mail/render-mail.ts';
import { createTranslator } from '#server/mail/texts/translator.ts';
import { overflowOf } from './site/good-page.ts';
import { connectRemote, createEvent, type Remote } from './site/organiser.ts';
import { PRICE } from './site/payments.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { pressUntil, untilLive } from './site/seats.ts';
import { expect, test, type Site } from './site/test.ts';

/** The widest letters in one word, as many as a label of a domain name may have and one more. */
const LONG = 'W'.repeat(64);
/** Hebrew with a number, a bracket and a mark at its end, which change their places without a direction of their own. */
const HEBREW = 'ערב ג׳אז (2)!';
const TEXT = `${HEBREW} ${LONG}`;
const LINK = `https://${'w'.repeat(63)}.example/${LONG}`;

/** A person whose name is as long, too. */
const PERSON = { name: TEXT, email: `${'w'.repeat(60)}@example.org`, password: 'correct horse' };

const WIDTHS = [320, 360];
/** One transparent pixel (GIF). */
const EMPTY_IMAGE = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=';

/** An event whose organiser uses all these texts. */
function createLong(organiser: Remote, more: Parameters<typeof createEvent>[1] = {}) {
  const texts = { title: TEXT, venue: TEXT, description: `${TEXT}\n${LINK}\n\n${HEBREW} ${LONG}` };
  return createEvent(organiser, { ...texts, ...more });
}

/** Texts of people, in their page's markup, that have no direction of their own. */
function undirected(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const found = [];
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) {
      const { data, parentElement } = nodes.currentNode;
      if (!/[\\u0590-\\u05ff]/.test(data) || parentElement.closest('bdi, [dir="auto"], script, style')) continue;
      const outside = data.replace(/\\u2068[^\\u2069]*\\u2069/g, '');
      if (/[\\u0590-\\u05ff]/.test(outside)) found.push(parentElement.outerHTML.slice(0, 200));
    }
    return found;
  })()`);
}

/** What the page shows now fits a phone, and each text of people has its own direction. */
async function expectTexts(page: Page, what: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 740 });
    expect(await overflowOf(page), `${what} at ${width} px`).toEqual([]);
    expect(await clippedDialogs(page), `${what}: a dialog at ${width} px`).toEqual([]);
  }
  expect(await undirected(page), `${what}: without a direction`).toEqual([]);
}

/** Open dialogs and menus whose content is wider than they are: they scroll, so the page's own width shows nothing. */
function clippedDialogs(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    "[...document.querySelectorAll('dialog[open], .menu')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.outerHTML.slice(0, 200))",
  );
}

async function expectPage(page: Page, path: string, ready: RegExp | string = LONG): Promise<void> {
  await page.goto(path);
  await untilLive(page);
  await expect(page.getByRole('main').getByText(ready).first(), path).toBeVisible();
  await expectTexts(page, path);
}

async function paidBooking(remote: Remote, eventId: string) {
  const booking = await remote.must('book', { requestId: randomUUID(), eventId, seats: 2 });
  const { url } = await remote.must('checkout', { bookingId: booking.id });
  const body = new URLSearchParams({ card: '4242424242424242' });
  const answer = await fetch(url, { method: 'POST', body, redirect: 'manual' });
  return { booking, url, paid: new URL(answer.headers.get('location') ?? '') };
}

/** The events that this test needs: free, for money, sold out, and called off after it was booked. */
async function createProgramme({ organiser }: Pick<Site, 'organiser'>) {
  const free = await createLong(organiser);
  const priced = await createLong(organiser, { price: PRICE });
  const soldOut = await createLong(organiser, { totalSeats: 2 });
  const taken = await organiser.must('book', { requestId: randomUUID(), eventId: soldOut.id, seats: 2 });
  return { free, priced, soldOut, taken, off: await createLong(organiser) };
}

test.setTimeout(180_000);

test('texts of people with words of 64 letters and Hebrew fit a phone, each in its own direction, for buyers', async ({
  site,
  open,
}) => {
  const { free, priced, soldOut, taken, off } = await createProgramme(site);
  const page = await open({ viewport: { width: 320, height: 740 } });
  await expectPage(page, `/?query=${encodeURIComponent(HEBREW)}`);
  await expectPage(page, `/?query=${encodeURIComponent(`nothing ${TEXT}`)}`);
  await expectPage(page, `/events/${free.id}`);
  const link = page.getByRole('main').getByRole('link', { name: LINK });
  await expect(link).toHaveAttribute('href', new URL(LINK).href);
  await expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow ugc');

  const account = await signUp(page, { ...PERSON, email: `${randomUUID().slice(0, 8)}${PERSON.email}` });
  const remote = connectRemote(site.url, account.token);
  await expectPage(page, '/login', /You are signed in as/);
  const booking = await remote.must('book', { requestId: randomUUID(), eventId: free.id, seats: 2 });
  const gone = await remote.must('book', { requestId: randomUUID(), eventId: off.id, seats: 2 });
  await site.organiser.must('cancelEvent', { eventId: off.id, reason: TEXT });
  await remote.must('joinWaitlist', { requestId: randomUUID(), eventId: soldOut.id, seats: 2 });
  await remote.must('book', { requestId: randomUUID(), eventId: priced.id, seats: 2 });
  await expectPage(page, `/events/${free.id}`, 'You have 2 seats');
  await expectPage(page, `/events/${priced.id}`, 'You hold 2 seats');
  await expectPage(page, `/events/${off.id}`, /The organiser says:/);
  await expectPage(page, `/?query=${encodeURIComponent(HEBREW)}`);
  await expectPage(page, '/account', 'Change password');
  await expectPage(page, `/tickets/${booking.id}`, 'Show this code');
  await expectPage(page, `/tickets/${gone.id}`, 'no longer valid');
  await page.locator('button[popovertarget="site-menu"]').click();
  await expectTexts(page, 'the menu');

  await site.organiser.must('updateEvent', {
    eventId: free.id,
    revision: free.revision,
    changes: { venue: `${TEXT} B` },
  });
  await site.organiser.must('cancelBooking', { bookingId: taken.id });
  await expectPage(page, '/bookings', /moved/);
  await expect(page.getByRole('alert')).toContainText('from the waiting list for you');
  await page
    .getByRole('article')
    .filter({ hasText: 'Confirmed' })
    .getByRole('button', { name: 'Cancel booking' })
    .first()
    .click();
  await expectTexts(page, 'the question before a cancellation');
  remote.close();
});

test('texts of people with words of 64 letters and Hebrew fit a phone, each in its own direction, for organisers', async ({
  site,
  open,
}) => {
  const event = await createLong(site.organiser, { price: PRICE, totalSeats: 20 });
  const buyer = await open();
  const account = await signUp(buyer, { ...PERSON, email: `${randomUUID().slice(0, 8)}${PERSON.email}` });
  const remote = connectRemote(site.url, account.token);
  const { booking, url, paid } = await paidBooking(remote, event.id);
  const page = await open({ viewport: { width: 320, height: 740 } });
  await page.goto(url);
  await expectTexts(page, 'the payment page');
  await expectPage(page, paid.pathname + paid.search);
  await signInOrganiser(page);
  await expectPage(page, `/admin?query=${encodeURIComponent(HEBREW)}`);
  const at = `/admin/events/${event.id}`;
  await expectPage(page, at);
  for (const field of ['Title', 'Place', 'Description'])
    await expect(page.getByLabel(field, { exact: true })).toHaveAttribute('dir', 'auto');
  await expectPage(page, `${at}/sales`);
  await page.getByRole('button', { name: 'Call off the event' }).click();
  await expect(page.getByRole('dialog')).toContainText('1 booking is cancelled');
  await expectTexts(page, 'the question before an event is called off');
  await expectPage(page, `${at}/bookings`);
  await page.getByRole('button', { name: /^Cancel the booking of/ }).click();
  await expectTexts(page, 'the question before a booking is cancelled');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Refund part of the price to/ }).click();
  await expectTexts(page, 'the question before a refund');
  await expectPage(page, `${at}/door`);
  for (const scanned of [booking.code, TEXT]) {
    await page.getByLabel('Ticket or code').fill(scanned);
    await page.keyboard.press('Enter');
    await expect(page.getByText(scanned === TEXT ? 'Not a ticket' : 'Let in: 2 seats')).toBeVisible();
  }
  await expectTexts(page, 'the door');
  await page.goto('/admin/roles');
  await page.getByLabel('Email').fill(account.email);
  await pressUntil(page, 'Take the role away', page.getByText('is not an organiser any more'));
  await expectTexts(page, 'the roles');
  await site.organiser.must('cancelEvent', { eventId: event.id, reason: TEXT });
  await expectPage(page, `${at}/sales`, /Called off:/);
  remote.close();
});

test('mails with words of 64 letters and Hebrew fit a phone, each text of people in its own direction', async ({
  open,
}) => {
  const page = await open({ viewport: { width: 320, height: 740 } });
  const startsAt = new Date('2026-12-01T19:00:00.000Z');
  const event = { _id: 'e', title: TEXT, venue: TEXT, startsAt, endsAt: null, timeZone: 'Europe/Berlin' };
  const ticketTypes = [{ id: 't1', name: TEXT, seats: 1 }];
  const booking = {
    _id: 'b',
    code: '7KQM2XTD9PWA',
    seats: 2,
    status: 'confirmed',
    payment: null,
    tickets: [{ type: 't1', count: 2, price: PRICE, seats: 1 }],
    ended: { by: 'organiser', reason: TEXT },
    createdAt: startsAt,
    updatedAt: startsAt,
    version: 1,
  };
  const id = (name: string) => ({ toHexString: () => name });
  const snapshot = {
    booking: { ...booking, _id: id('b') },
    event: { ...event, _id: id('e'), cancelBeforeHours: 24, moves: [], revision: 1, status: 'published', ticketTypes },
    origin: 'https://tickets.example.org',
    at: startsAt,
  } as unknown as Parameters<typeof releasedMail>[0];
  const translator = createTranslator('en');
  const site = {
    name: TEXT,
    contactEmail: PERSON.email,
    imprintUrl: LINK,
    privacyUrl: null,
    termsUrl: null,
    demoPayments: false,
    hasMail: true,
    wallets: { apple: false, google: false },
    holdsFirst: true,
  };
  const mails = [releasedMail(snapshot, translator), confirmedMail(snapshot, translator, 'confirmed')];
  for (const mail of mails) {
    const { html, text, subject } = renderMail(mail, { name: TEXT }, site, translator);
    // A mail program shows the attached image; a browser knows no `cid:`.
    await page.setContent(html.replaceAll(`cid:${TICKET_CODE_ID}`, EMPTY_IMAGE));
    await expect(page.locator('body')).toContainText(LONG);
    await expectTexts(page, mail.subject);
    expect(subject).toContain(`\u2068${TEXT}\u2069`);
    expect(text).toContain(`Place: \u2068${TEXT}\u2069`);
  }
  await expect(page.getByText('7KQM 2XTD 9PWA')).toBeVisible();
});
