import { barriersOn, NARROW, overflowOf, smallTargets } from './site/good-page.ts';
import { watchProblems } from './site/problems.ts';
import { untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';

/** Adds the faults that the checks must find. Scripts set the styles: the security policy forbids style attributes. */
const SPOIL = `{
  const main = document.querySelector('main');
  const add = (tag, style) => Object.assign(main.appendChild(document.createElement(tag)).style, style);
  add('div', { width: '2000px', height: '10px' });
  add('button', { width: '10px', height: '10px', minHeight: '0', padding: '0' });
  main.appendChild(document.createElement('img')).src = '/icon.svg';
}`;

test('the checks of a page find overflow, small targets, accessibility violations and errors in the console', async ({
  open,
}) => {
  const reason = 'the test writes an error into the console';
  const page = await open({ allowed: [{ reason, pattern: /^console: on purpose/, isCertain: true }] });
  await page.setViewportSize(NARROW);
  await page.goto('/login');
  await untilLive(page);
  expect([await overflowOf(page), await smallTargets(page, 44), await barriersOn(page)]).toEqual([[], [], []]);

  await page.evaluate(SPOIL);
  expect((await overflowOf(page)).join('\n')).toContain('<div');
  expect((await smallTargets(page, 44)).join('\n')).toContain('10 x 10: <button');
  const violations = (await barriersOn(page)).join('\n');
  for (const rule of ['image-alt', 'button-name']) expect(violations).toContain(rule);

  const problems = watchProblems(page.context(), []);
  await page.evaluate("console.error('on purpose')");
  await expect.poll(() => problems.all().join('\n')).toContain('on purpose');
});
