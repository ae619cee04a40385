import { createEvent, newWord } from './site/organiser.ts';
import { hasVisibleFocus, tabTo } from './site/keyboard.ts';
import { newAccount, signUp } from './site/people.ts';
import { untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';

test('a visitor finds an event, signs in, books, opens the ticket and cancels by keyboard alone', async ({
  site,
  open,
}) => {
  const word = newWord();
  const event = await createEvent(site.organiser, { title: `Jazz ${word}` });
  const account = newAccount();
  await signUp(await open(), account);
  const page = await open();
  await page.goto('/');
  await untilLive(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await tabTo(page, page.getByRole('searchbox', { name: 'Search events' }));
  await page.keyboard.type(word);
  await expect(page).toHaveURL(`/?query=${word}`);
  const card = page.getByRole('link', { name: event.title });
  await tabTo(page, card);
  expect(await hasVisibleFocus(page)).toBe(true);
  await page.keyboard.press('Enter');

  await expect(page.getByRole('heading', { level: 1, name: event.title })).toBeVisible();
  const seats = page.getByRole('spinbutton', { name: 'Seats' });
  await tabTo(page, seats);
  await page.keyboard.press('ArrowUp');
  await expect(seats).toHaveValue('3');
  const buy = page.getByRole('link', { name: 'Book 3 seats' });
  await tabTo(page, buy);
  expect(await hasVisibleFocus(page)).toBe(true);
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('link', { name: 'Use your password' }));
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Email')).toBeFocused();
  await page.keyboard.type(account.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(account.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'You have 3 seats' })).toBeFocused();
  await tabTo(page, page.getByRole('link', { name: 'Open ticket' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('img', { name: 'QR code of this ticket' })).toBeVisible();

  await tabTo(page, page.locator('main summary'));
  await page.keyboard.press('Enter');
  const giveBack = page.getByRole('button', { name: 'Cancel booking' });
  await tabTo(page, giveBack);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Cancel this booking?' });
  const last = dialog.getByRole('button', { name: 'Cancel booking' });
  await expect(dialog.getByRole('button', { name: 'Keep booking' })).toBeFocused();
  // Tab goes round within the dialog and never leaves it.
  for (let stops = 0; stops < 12; stops += 1) {
    await page.keyboard.press(stops % 3 === 2 ? 'Shift+Tab' : 'Tab');
    const isOutside = 'document.activeElement !== document.body && !document.activeElement.closest("dialog")';
    expect(await page.evaluate(isOutside)).toBe(false);
  }
  await page.keyboard.press('Escape');
  await expect(giveBack).toBeFocused();
  await expect(page.getByText('Cancel this booking?')).toHaveCount(0);
  await page.keyboard.press('Enter');
  await tabTo(page, last);
  await page.keyboard.press('Enter');
  await expect(page.getByText('This ticket is no longer valid.')).toBeVisible();
});

test('the menu opens, works and closes by keyboard, and returns the focus to its button', async ({ open }) => {
  const page = await open({ viewport: { width: 360, height: 740 } });
  await page.goto('/');
  await untilLive(page);
  const opener = page.getByRole('button', { name: 'Menu', exact: true });
  await tabTo(page, opener);
  await page.keyboard.press('Enter');
  const menu = page.locator('[popover]:popover-open');
  await expect(menu).toBeVisible();
  await tabTo(page, menu.getByRole('link', { name: 'My bookings' }));
  await tabTo(page, menu.getByRole('radio', { name: 'System' }));
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await expect(opener).toBeFocused();
});

test('a buyer holds seats, pays for them and opens the ticket by keyboard alone', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: { amount: 2_000, currency: 'EUR' } });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  const hold = page.getByRole('button', { name: 'Hold 2 seats' });
  await tabTo(page, hold);
  const held = page.getByRole('heading', { name: 'You hold 2 seats' });
  await expect(async () => {
    if (await hold.isVisible()) await page.keyboard.press('Enter');
    await expect(held).toBeFocused({ timeout: 1_000 });
  }).toPass();
  await tabTo(page, page.getByRole('button', { name: 'Continue to payment' }));
  expect(await hasVisibleFocus(page)).toBe(true);
  await page.keyboard.press('Enter');

  await expect(page).toHaveURL(/\/demo-payment\//);
  await tabTo(page, page.locator('summary'));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('radio', { checked: true }));
  // The arrow keys choose the declined card, and then the first card again.
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: '4000 0000 0000 0002' })).toBeChecked();
  await page.keyboard.press('ArrowUp');
  await tabTo(page, page.getByRole('button', { name: 'Pay €40.00' }));
  expect(await hasVisibleFocus(page)).toBe(true);
  await page.keyboard.press('Enter');

  await expect(page).toHaveURL(/\/paid\?token=/);
  await expect(page.getByRole('heading', { level: 1, name: 'Paid' })).toBeVisible();
  await untilLive(page);
  await expect(page.getByRole('img', { name: 'QR code of this ticket' })).toBeVisible();
  await tabTo(page, page.getByRole('link', { name: 'Add to calendar' }));
});
