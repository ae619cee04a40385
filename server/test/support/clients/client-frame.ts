import { randomBytes } from 'node:crypto';

interface FrameParts {
  /** The payload. */
  text?: string | Buffer;
  /** The first byte: whether it is the last frame of its message, reserved bits, and its type. Default: a whole text. */
  first?: number;
  mask?: Buffer;
  isMasked?: boolean;
}

/** A client's WebSocket frame (RFC 6455, section 5.2) of at most 64 KiB, also one that a client must not send. */
export function clientFrame({ text = '', first = 0x81, mask = randomBytes(4), isMasked = true }: FrameParts): Buffer {
  const payload = Buffer.from(text);
  const bit = isMasked ? 0x80 : 0;
  const head =
    payload.length < 126
      ? Buffer.from([first, bit | payload.length])
      : Buffer.from([first, bit | 126, payload.length >> 8, payload.length & 0xff]);
  if (!isMasked) return Buffer.concat([head, payload]);
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ (mask[index % 4] as number))]);
}
