const FINAL_TEXT = 0x81;
const FINAL = 0x80;
const OPCODE = 0x0f;
const TEXT = 0x01;
const LENGTH = 0x7f;
const MASKED = 0x80;
const SHORT = 126;
const LONG = 127;
const MASK_BYTES = 4;

/** A client's WebSocket frame of a text below 64 KiB. Masked with zeros: the mask is duty, its value is not. */
export function textFrame(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const head = size < SHORT ? 2 : 4;
  const frame = Buffer.alloc(head + MASK_BYTES + size);
  frame[0] = FINAL_TEXT;
  frame[1] = MASKED | (size < SHORT ? size : SHORT);
  if (size >= SHORT) frame.writeUInt16BE(size, 2);
  frame.write(text, head + MASK_BYTES);
  return frame;
}

/** Takes a server's bytes as they come, and gives the text of each frame; a control frame is passed over. */
export class FrameReader {
  readonly #give: (text: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(give: (text: Buffer) => void) {
    this.#give = give;
  }

  take(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (let size = frameSize(bytes); size > 0 && size <= bytes.length; size = frameSize(bytes)) {
      this.#frame(bytes.subarray(0, size));
      bytes = bytes.subarray(size);
    }
    this.#rest = bytes;
  }

  #frame(frame: Buffer): void {
    const first = frame[0] as number;
    if ((first & FINAL) === 0) throw new Error('The server has split a message into several frames');
    if ((first & OPCODE) === TEXT) this.#give(frame.subarray(headSize(frame)));
  }
}

/** The whole frame's bytes, or 0 while not even its length is there. */
function frameSize(bytes: Buffer): number {
  if (bytes.length < 2 || bytes.length < headSize(bytes)) return 0;
  const length = (bytes[1] as number) & LENGTH;
  if (length < SHORT) return 2 + length;
  return length === SHORT ? 4 + bytes.readUInt16BE(2) : 10 + Number(bytes.readBigUInt64BE(2));
}

function headSize(bytes: Buffer): number {
  const length = (bytes[1] as number) & LENGTH;
  if (length < SHORT) return 2;
  return length === LONG ? 10 : 4;
}
