import { expect, test } from 'vitest';
import { MAX_UPLOAD_BYTES } from '#shared/images/image-files.ts';
import { fileFault, focusAfterKey, focusAt } from './picture-file.ts';

test('a chosen file is refused before the upload for its type or its size alone', () => {
  expect(fileFault({ type: 'image/jpeg', size: MAX_UPLOAD_BYTES })).toBeNull();
  expect(fileFault({ type: '', size: 1 })).toBeNull();
  expect(fileFault({ type: 'image/jpeg', size: MAX_UPLOAD_BYTES + 1 })).toBe('too_big');
  expect(fileFault({ type: 'image/heic', size: 1 })).toBe('unknown_format');
  expect(fileFault({ type: 'image/svg+xml', size: 1 })).toBe('unknown_format');
  expect(fileFault({ type: 'image/png', size: 0 })).toBe('unreadable');
});

test('a pointer sets the focus inside the picture, also from outside of it', () => {
  const box = { left: 100, top: 50, width: 400, height: 200 };
  expect(focusAt(box, 200, 200)).toEqual({ x: 0.25, y: 0.75 });
  expect(focusAt(box, 0, 900)).toEqual({ x: 0, y: 1 });
});

test('arrows move the focus and stop at the edges; other keys do not move it', () => {
  expect(focusAfterKey({ x: 0.5, y: 0.5 }, 'ArrowLeft')).toEqual({ x: 0.45, y: 0.5 });
  expect(focusAfterKey({ x: 1, y: 0.02 }, 'ArrowUp')).toEqual({ x: 1, y: 0 });
  expect(focusAfterKey({ x: 1, y: 0 }, 'ArrowRight')).toEqual({ x: 1, y: 0 });
  let focus = { x: 0.5, y: 0.5 };
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowUp', 'ArrowUp'])
    focus = focusAfterKey(focus, key) ?? focus;
  expect(focus).toEqual({ x: 0.5, y: 0.5 });
  expect(focusAfterKey(focus, 'Tab')).toBeNull();
});
