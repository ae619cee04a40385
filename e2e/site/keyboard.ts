import { expect, type Locator, type Page } from '@playwright/test';

const MOST_STOPS = 60;

/** Presses Tab until that has the focus; fails where it cannot be reached. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((one) => one === one.ownerDocument.activeElement)) return;
  }
  await expect(target, `reached within ${MOST_STOPS} stops`).toBeFocused();
}

/** Whether what has the focus can be told from what has not, by a ring of its own or of its card. */
export function hasVisibleFocus(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(`(() => {
    const one = document.activeElement;
    const rings = [one, one.closest('article')].filter(Boolean).map((element) => getComputedStyle(element));
    return rings.some(({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2);
  })()`);
}
