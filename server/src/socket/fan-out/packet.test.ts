import { describe, expect, it } from 'vitest';
import { encodePush } from './packet.ts';

describe('the frame of a push', () => {
  it('holds the packet of Socket.IO in a message of Engine.IO', () => {
    const packet = encodePush('/public', '["clock",{"at":1}]');
    expect(packet.text).toBe('2/public,["clock",{"at":1}]');
    expect(packet.frame.subarray(2).toString()).toBe('42/public,["clock",{"at":1}]');
  });

  it.each([
    [123, '817d'],
    [124, '817e007e'],
    [65_533, '817effff'],
    [65_534, '817f0000000000010000'],
  ])('begins for a packet of %i bytes with %s', (size, head) => {
    const { frame, text } = encodePush('', 'x'.repeat(size - 1));
    expect(frame.subarray(0, head.length / 2).toString('hex')).toBe(head);
    expect(frame.subarray(head.length / 2).toString()).toBe(`4${text}`);
  });

  it('counts bytes, not characters', () => {
    const { frame, text } = encodePush('', 'ü'.repeat(62));
    expect(frame.subarray(0, 4).toString('hex')).toBe('817e007f');
    expect(frame.subarray(4).toString()).toBe(`4${text}`);
  });
});
