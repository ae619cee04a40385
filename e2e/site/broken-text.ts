import type { Page } from '@playwright/test';

/**
 * In the page: lists texts that their element cuts off, and texts and controls that lie over each other. What is fixed
 * to the window (a bar, a dialog) covers the page on purpose, so each such layer is checked separately.
 */
const FIND_BROKEN_TEXT = `(() => {
  const ancestors = (one) => (one === null ? [] : [one, ...ancestors(one.parentElement)]);
  const isHidden = (one) =>
    !one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) ||
    one.closest('.visually-hidden, .skip, noscript') !== null ||
    ancestors(one).some((each) => getComputedStyle(each).clipPath !== 'none');
  const isInScroller = (one) => ancestors(one).some((each) => each !== document.documentElement && ['auto', 'scroll'].includes(getComputedStyle(each).overflowX));
  const isLayer = (one) => ['fixed', 'sticky'].includes(getComputedStyle(one).position) || one.matches('dialog, [popover]');
  const layerOf = (one) => ancestors(one).find(isLayer) ?? document.body;
  const name = (one) => one.outerHTML.slice(0, 110) + ' in ' + (one.parentElement?.className ?? '');
  const parts = [];
  const found = new Set();
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const node = nodes.currentNode;
    const one = node.parentElement;
    if (node.data.trim() === '' || one.closest('script, style, option') !== null || isHidden(one)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1);
    for (const rect of rects) parts.push({ one, rect, isText: true });
    for (let box = one; box !== document.body; box = box.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(box);
      const frame = box.getBoundingClientRect();
      const isCut = ({ left, right, top, bottom }) =>
        (['hidden', 'clip'].includes(overflowX) && (left < frame.left - 2 || right > frame.right + 2)) ||
        (['hidden', 'clip'].includes(overflowY) && (top < frame.top - 6 || bottom > frame.bottom + 6));
      if (rects.some(isCut)) found.add('cut: ' + node.data.trim().slice(0, 40) + ' | ' + name(box));
    }
  }
  for (const one of document.querySelectorAll('button, input, select, textarea, a.button, svg, [role=meter]')) {
    const rect = one.getBoundingClientRect();
    // An icon within a field lets presses through, and the field's text keeps off it.
    const isDecor = getComputedStyle(one).pointerEvents === 'none';
    if (rect.width > 1 && !isDecor && !isHidden(one)) parts.push({ one, rect, isText: false });
  }
  for (const { one, rect } of parts) {
    if (layerOf(one) === document.body && !isInScroller(one) && (rect.left < -1 || rect.right > document.documentElement.clientWidth + 1)) {
      found.add('off the page: ' + name(one));
    }
  }
  const layers = parts.map(({ one }) => layerOf(one));
  const lies = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5;
  parts.forEach((a, i) => {
    for (let j = i + 1; j < parts.length; j += 1) {
      const b = parts[j];
      if (layers[i] !== layers[j] || !lies(a.rect, b.rect)) continue;
      if (a.one.contains(b.one) || b.one.contains(a.one)) continue;
      found.add('over each other: ' + name(a.one) + ' | ' + name(b.one));
    }
  });
  return [...found];
})()`;

/** Lists texts that are cut off, off the page, or over other texts and controls. */
export function brokenText(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(FIND_BROKEN_TEXT);
}
