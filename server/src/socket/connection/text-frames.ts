// A server's text frames (RFC 6455, section 5.2).
const FINAL_TEXT = 0x81;
/** Lengths from here on follow in two bytes; this value announces them. */
const TWO_BYTE_LENGTH = 126;
const LONGEST = 0xffff;

/** Frames of these texts, one behind the other in one buffer, as `wsPreEncodedFrame` of engine.io. */
export function joinedTextFrames(texts: readonly string[]): [Buffer] {
  const sizes = texts.map((text) => Buffer.byteLength(text));
  const total = sizes.reduce((sum, size) => sum + headSize(size) + size, 0);
  const frames = Buffer.allocUnsafe(total);
  let at = 0;
  for (const [index, text] of texts.entries()) {
    at = writeHead(frames, at, sizes[index] ?? 0);
    at += frames.write(text, at);
  }
  return [frames];
}

function headSize(size: number): number {
  return size < TWO_BYTE_LENGTH ? 2 : 4;
}

/** Returns the index behind the head. */
function writeHead(frames: Buffer, at: number, size: number): number {
  if (size > LONGEST) throw new Error(`A frame of ${size} bytes needs a longer length`);
  frames[at] = FINAL_TEXT;
  frames[at + 1] = Math.min(size, TWO_BYTE_LENGTH);
  return headSize(size) === 2 ? at + 2 : frames.writeUInt16BE(size, at + 2);
}
