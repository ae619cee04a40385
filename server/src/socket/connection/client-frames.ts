// A client's frames (RFC 6455, section 5.2), as far as one chunk of bytes holds them whole.
const FINAL_TEXT = 0x81;
const FINAL_CLOSE = 0x88;
const FINAL = 0x80;
const MASKED = 0x80;
const LENGTH = 0x7f;
/** Lengths from here on follow in two bytes; this value announces them. */
const TWO_BYTE_LENGTH = 126;
const EIGHT_BYTE_LENGTH = 127;
const MASK_BYTES = 4;
/** A longer text is no command that is refused early. */
const LONGEST_TEXT = 1_024;

/** Where a frame ends, and its text; null for control frames, binary data and long texts. */
interface ClientFrame {
  end: number;
  text: string | null;
}

const unmasked = Buffer.allocUnsafeSlow(LONGEST_TEXT);

/**
 * The frame that begins at this index of a chunk. Null if it is not all there, if it is a part of a message, if it closes
 * the connection, or if a client must not send it: ws reads the rest of the chunk then.
 */
export function clientFrameAt(chunk: Buffer, at: number): ClientFrame | null {
  if (at + 2 > chunk.length) return null;
  const [first, second] = [chunk[at] as number, chunk[at + 1] as number];
  if ((first & FINAL) === 0 || first === FINAL_CLOSE || (second & MASKED) === 0) return null;
  const announced = second & LENGTH;
  if (announced === EIGHT_BYTE_LENGTH) return null;
  const mask = at + (announced < TWO_BYTE_LENGTH ? 2 : 4);
  if (mask + MASK_BYTES > chunk.length) return null;
  const size = announced < TWO_BYTE_LENGTH ? announced : chunk.readUInt16BE(at + 2);
  const start = mask + MASK_BYTES;
  const end = start + size;
  if (end > chunk.length) return null;
  if (first !== FINAL_TEXT || size > LONGEST_TEXT) return { end, text: null };
  return { end, text: unmaskedText(chunk, mask, start, size) };
}

/** One character for each byte: names, ids and digits are ASCII. */
function unmaskedText(chunk: Buffer, mask: number, start: number, size: number): string {
  const [a, b, c, d] = [chunk[mask], chunk[mask + 1], chunk[mask + 2], chunk[mask + 3]] as [
    number,
    number,
    number,
    number,
  ];
  if ((a | b | c | d) === 0) return chunk.toString('latin1', start, start + size);
  for (let index = 0; index < size; index += 4) {
    unmasked[index] = (chunk[start + index] as number) ^ a;
    unmasked[index + 1] = (chunk[start + index + 1] as number) ^ b;
    unmasked[index + 2] = (chunk[start + index + 2] as number) ^ c;
    unmasked[index + 3] = (chunk[start + index + 3] as number) ^ d;
  }
  return unmasked.toString('latin1', 0, size);
}
