// WebSocket frames (RFC 6455, section 5.2), no more of them than Engine.IO over one connection needs.
const FINAL_TEXT = 0x81;
const FINAL = 0x80;
const OPCODE = 0x0f;
const TEXT = 0x01;
const LENGTH = 0x7f;
const MASKED = 0x80;
/** Lengths from here on follow in two bytes; this value announces them. */
const TWO_BYTE_LENGTH = 126;
const EIGHT_BYTE_LENGTH = 127;
const MASK_BYTES = 4;

/** A client's frame with a text below 64 KiB. Masked with zeros: a mask is required, its value is free. */
export function textFrame(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const head = size < TWO_BYTE_LENGTH ? 2 : 4;
  const frame = Buffer.alloc(head + MASK_BYTES + size);
  frame[0] = FINAL_TEXT;
  frame[1] = MASKED | (size < TWO_BYTE_LENGTH ? size : TWO_BYTE_LENGTH);
  if (size >= TWO_BYTE_LENGTH) frame.writeUInt16BE(size, 2);
  frame.write(text, head + MASK_BYTES);
  return frame;
}

/** Finds the frames in a server's bytes, which arrive in chunks of any size, and skips control frames. */
export class FrameReader {
  readonly #onText: (text: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(onText: (text: Buffer) => void) {
    this.#onText = onText;
  }

  /** Calls back with the text of each frame that the chunk completes. Throws if a message is split into frames. */
  read(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (let size = frameSize(bytes); size > 0 && size <= bytes.length; size = frameSize(bytes)) {
      this.#readFrame(bytes.subarray(0, size));
      bytes = bytes.subarray(size);
    }
    this.#rest = bytes;
  }

  #readFrame(frame: Buffer): void {
    const first = frame[0] as number;
    if ((first & FINAL) === 0) throw new Error('The server has split a message into several frames');
    if ((first & OPCODE) === TEXT) this.#onText(frame.subarray(headSize(frame)));
  }
}

/** Bytes of the whole frame, or 0 while its length has not arrived. */
function frameSize(bytes: Buffer): number {
  if (bytes.length < 2 || bytes.length < headSize(bytes)) return 0;
  const length = (bytes[1] as number) & LENGTH;
  if (length < TWO_BYTE_LENGTH) return 2 + length;
  return length === TWO_BYTE_LENGTH ? 4 + bytes.readUInt16BE(2) : 10 + Number(bytes.readBigUInt64BE(2));
}

function headSize(bytes: Buffer): number {
  const length = (bytes[1] as number) & LENGTH;
  if (length < TWO_BYTE_LENGTH) return 2;
  return length === EIGHT_BYTE_LENGTH ? 10 : 4;
}
