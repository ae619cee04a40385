import { describe, expect, test } from 'vitest';
import { FrameReader, textFrame } from './frames.ts';

/** A frame as a server sends it, without a mask. */
function serverFrame(text: string, first = 0x81): Buffer {
  const body = Buffer.from(text);
  if (body.length < 126) return Buffer.concat([Buffer.from([first, body.length]), body]);
  const head = Buffer.alloc(body.length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = head.length === 4 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(body.length, 2);
  else head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}

function textsIn(bytes: Buffer, chunkSize: number): string[] {
  const texts: string[] = [];
  const reader = new FrameReader((text) => texts.push(text.toString()));
  for (let at = 0; at < bytes.length; at += chunkSize) reader.read(bytes.subarray(at, at + chunkSize));
  return texts;
}

describe('WebSocket frames', () => {
  const texts = ['', '2', 'ü'.repeat(62), 'a'.repeat(125), 'b'.repeat(126), 'c'.repeat(65_535), 'd'.repeat(65_536)];
  const bytes = Buffer.concat(texts.map((text) => serverFrame(text)));

  test.each([61, 127, 4_096, bytes.length])('are found in chunks of %i bytes', (chunkSize) => {
    expect(textsIn(bytes, chunkSize)).toEqual(texts);
  });

  test('are found in single bytes', () => {
    expect(textsIn(Buffer.concat([serverFrame('a'), serverFrame('b'.repeat(200))]), 1)).toEqual(['a', 'b'.repeat(200)]);
  });

  test('without text are skipped', () => {
    expect(textsIn(Buffer.concat([serverFrame('', 0x89), serverFrame('after'), serverFrame('x', 0x8a)]), 2)).toEqual([
      'after',
    ]);
  });

  test('that hold only a part of a message are an error', () => {
    expect(() => textsIn(serverFrame('begin', 0x01), 100)).toThrow(/split/);
  });

  test.each(['42', 'x'.repeat(125), 'x'.repeat(126), 'ü'.repeat(200)])(
    'of a client with the text %j are masked with zeros',
    (text) => {
      const frame = textFrame(text);
      const size = Buffer.byteLength(text);
      const head = size < 126 ? 2 : 4;
      expect(frame[0]).toBe(0x81);
      expect(frame[1]).toBe(0x80 | Math.min(size, 126));
      if (head === 4) expect(frame.readUInt16BE(2)).toBe(size);
      expect(frame.subarray(head, head + 4)).toEqual(Buffer.alloc(4));
      expect(frame.subarray(head + 4).toString()).toBe(text);
    },
  );
});
