import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { untilLive } from './seats.ts';

export const NARROW = { width: 320, height: 640 };
const WIDE = { width: 1280, height: 800 };

/** What is smaller nobody hits; what is smaller on a phone a thumb does not hit. In CSS pixels. */
const LEAST_TARGET = 24;
const THUMB = 44;

/**
 * Nothing that bars somebody, in the colours of day and night, nor anything wider than the narrowest phone or too small
 * for a thumb, in both languages.
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

/** Nothing that bars somebody in what the page shows just now, in light and dark. */
export async function expectGoodState(page: Page, what: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  expect(await barriersOn(page), `${what} in light`).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  expect(await barriersOn(page, RULES_OF_COLOUR), `${what} in dark`).toEqual([]);
}

/** What can be right by day and wrong by night: the themes differ in their colours and in nothing else. */
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];

/** Whatever axe finds, by all of its rules or by some. */
export async function barriersOn(page: Page, rules: string[] = []): Promise<string[]> {
  // Its code is half a megabyte: read once for each document. Its usual mode opens a second page for each look.
  const isThere = await page.evaluate<boolean>('window.axe !== undefined');
  const axe = new AxeBuilder({ page, ...(isThere && { axeSource: 'void 0' }) }).setLegacyMode();
  axe.options({ resultTypes: ['violations'] });
  if (rules.length > 0) axe.withRules(rules);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

/** What reaches beyond the right edge of the window; empty where the page cannot be scrolled sideways. */
export function overflowOf(page: Page): Promise<string[]> {
  return page.locator('html').evaluate((html) => {
    const { clientWidth, scrollWidth } = html;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...html.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > clientWidth);
    return [`${scrollWidth} > ${clientWidth}`, ...wide.map((one) => one.outerHTML.slice(0, 120))];
  });
}

/**
 * What can be pressed and is smaller than that. A link in a line of text may be as high as the text (WCAG 2.5.8); a box
 * to tick is as large as its label, a card's link as large as the card.
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
