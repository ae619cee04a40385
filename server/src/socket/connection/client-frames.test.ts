import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { clientFrame } from '../../../test/support/clients/client-frame.ts';
import { clientFrameAt } from './client-frames.ts';

it.each([0, 1, 2, 3, 4, 5, 125, 126, 127, 300, 1_023, 1_024])(
  'a text of %i bytes is read whatever its mask, and only once it is all there',
  (size) => {
    const text = 'abcdefghij'.repeat(103).slice(0, size);
    for (const mask of [Buffer.alloc(4), Buffer.from([0, 0, 0, 7]), randomBytes(4)]) {
      const bytes = Buffer.concat([Buffer.from('before'), clientFrame({ text, mask }), Buffer.from('behind')]);
      const end = bytes.length - 'behind'.length;
      expect(clientFrameAt(bytes, 6)).toEqual({ end, text });
      for (let cut = 6; cut < end; cut += 1) expect(clientFrameAt(bytes.subarray(0, cut), 6)).toBeNull();
    }
  },
);

it.each([
  ['a ping', clientFrame({ text: 'x', first: 0x89 })],
  ['binary data', clientFrame({ text: 'x', first: 0x82 })],
  ['a compressed text', clientFrame({ text: 'x', first: 0xc1 })],
  ['a long text', clientFrame({ text: 'x'.repeat(1_025) })],
])('%s is passed over', (_what, bytes) => {
  expect(clientFrameAt(bytes, 0)).toEqual({ end: bytes.length, text: null });
});

it.each([
  ['the first part of a message', clientFrame({ text: 'x', first: 0x01 })],
  ['a further part of a message', clientFrame({ text: 'x', first: 0x00 })],
  ['a close', clientFrame({ text: 'xy', first: 0x88 })],
  ['a frame without a mask', clientFrame({ text: 'x', isMasked: false })],
  ['a length of eight bytes', Buffer.concat([Buffer.from([0x81, 0xff]), Buffer.alloc(2_000)])],
])('%s ends the reading', (_what, bytes) => {
  expect(clientFrameAt(bytes, 0)).toBeNull();
});
