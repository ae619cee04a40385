import { expect, type Locator, type Page } from '@playwright/test';

const MOST_STOPS = 60;

/** Presses Tab until the target has the focus; fails if Tab does not reach the target. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((one) => one === one.ownerDocument.activeElement)) return;
  }
  await expect(target, `reached within ${MOST_STOPS} stops`).toBeFocused();
}

/** Whether the focused element or its card has a visible focus ring. */
export function hasVisibleFocus(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(`(() => {
    const one = document.activeElement;
    const rings = [one, one.closest('article')].filter(Boolean).map((element) => getComputedStyle(element));
    return rings.some(({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2);
  })()`);
}
