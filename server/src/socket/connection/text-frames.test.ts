import { expect, it } from 'vitest';
import { joinedTextFrames } from './text-frames.ts';

/** The texts of unmasked frames, read as RFC 6455 says. */
function textsOf(frames: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < frames.length;) {
    expect(frames[at]).toBe(0x81);
    const short = frames[at + 1] ?? 0;
    const [size, head] = short < 126 ? [short, 2] : [frames.readUInt16BE(at + 2), 4];
    texts.push(frames.toString('utf8', at + head, at + head + size));
    at += head + size;
  }
  return texts;
}

it.each([
  [[]],
  [['a']],
  [['', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(65_535)]],
  [['Übermäßig voll', '席はありません', 'x'.repeat(124) + 'é']],
])('frames hold their texts, one behind the other: %#', (texts) => {
  const [frames] = joinedTextFrames(texts);
  expect(textsOf(frames)).toEqual(texts);
});

it('a text that is too long for a frame is refused', () => {
  expect(() => joinedTextFrames(['a'.repeat(65_536)])).toThrow('65536 bytes');
});
