import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { untilLive } from './seats.ts';

export const NARROW = { width: 320, height: 640 };
const WIDE = { width: 1280, height: 800 };

/** Least size of a target for a pointer, and for a thumb on a phone, in CSS pixels (WCAG 2.5.8 and 2.5.5). */
const LEAST_TARGET = 24;
const THUMB = 44;

/**
 * Expects a page without accessibility violations in light and dark, and, in both languages, without overflow on the
 * narrowest phone and without targets too small for a thumb.
 */
export async function expectGoodPage(page: Page, path: string, ready: RegExp | string): Promise<void> {
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(path);
  await untilLive(page);
  await expect(page.getByRole('main')).toContainText(ready);
  await expectGoodState(page, path);
  expect(await smallTargets(page, LEAST_TARGET), `${path}: too small for a pointer`).toEqual([]);
  for (const at of [path, path === '/' ? '/de' : `/de${path}`]) {
    await page.setViewportSize(NARROW);
    if (at !== path) await page.goto(at);
    await untilLive(page);
    expect(await overflowOf(page), `${at} at 320 px`).toEqual([]);
    expect(await smallTargets(page, THUMB), `${at}: too small for a thumb`).toEqual([]);
  }
}

/** Expects no accessibility violations in the current state of a page, in light and dark. */
export async function expectGoodState(page: Page, what: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  expect(await barriersOn(page), `${what} in light`).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  expect(await barriersOn(page, RULES_OF_COLOUR), `${what} in dark`).toEqual([]);
}

/** Expects a state to be good on a desk and on the narrowest phone, where it fits and its targets suit a thumb. */
export async function expectGoodAtEachWidth(page: Page, what: string): Promise<void> {
  for (const screen of [WIDE, NARROW]) {
    await page.setViewportSize(screen);
    await expectGoodState(page, `${what} at ${screen.width} px`);
    expect(await overflowOf(page), `${what} at ${screen.width} px`).toEqual([]);
  }
  expect(await smallTargets(page, THUMB), `${what}: too small for a thumb`).toEqual([]);
}

/** The rules of axe that can fail in dark alone: the themes differ only in their colours. */
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];

/** Lists the violations that axe finds, by the given rules or by all of its rules. */
export async function barriersOn(page: Page, rules: string[] = []): Promise<string[]> {
  // axe is half a megabyte, so a document loads it once. The usual mode opens a second page for each analysis.
  const isThere = await page.evaluate<boolean>('window.axe !== undefined');
  const axe = new AxeBuilder({ page, ...(isThere && { axeSource: 'void 0' }) }).setLegacyMode();
  axe.options({ resultTypes: ['violations'] });
  if (rules.length > 0) axe.withRules(rules);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

/** Lists the elements beyond the right edge of the window; empty if the page does not scroll sideways. */
export function overflowOf(page: Page): Promise<string[]> {
  return page.locator('html').evaluate((html) => {
    const { clientWidth, scrollWidth } = html;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...html.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > clientWidth);
    return [`${scrollWidth} > ${clientWidth}`, ...wide.map((one) => one.outerHTML.slice(0, 120))];
  });
}

/**
 * Lists the targets smaller than `least` CSS pixels. A link within text may be as high as the text (WCAG 2.5.8); a
 * checkbox is as large as its label, and the link of a card as large as the card.
 */
export function smallTargets(page: Page, least: number): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const isInText = (one) => one.tagName === 'A' && getComputedStyle(one).display === 'inline';
    const isStretched = (one) => getComputedStyle(one, '::after').position === 'absolute';
    const area = (one) => one.closest('label') ?? (isStretched(one) ? one.closest('article') : null) ?? one;
    const isHidden = (one) => !one.checkVisibility({ visibilityProperty: true }) || one.closest('.visually-hidden, .skip') !== null;
    return [...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex="0"]')]
      .filter((one) => !isHidden(one) && !(isInText(one) && !isStretched(one)))
      .filter((one) => {
        const { width, height } = area(one).getBoundingClientRect();
        return Math.min(width, height) < ${least} - 0.5;
      })
      .map((one) => {
        const { width, height } = area(one).getBoundingClientRect();
        return Math.round(width) + ' x ' + Math.round(height) + ': ' + one.outerHTML.slice(0, 140);
      });
  })()`);
}
