import { jsonTextOf } from '#server/json-text.ts';
import type { LiveServer } from '../types.ts';

/** Socket.IO's type of a packet that acknowledges a command. */
const ACK = 3;

interface ReplyPacket {
  type: number;
  nsp: string;
  id?: number;
  data?: unknown;
}

/**
 * Sends replies whose data has its JSON text by that text. Socket.IO would look for binary data in the whole reply and
 * convert it to JSON for each client anew. All other packets are encoded as ever.
 */
export function encodeReplies(io: LiveServer): void {
  const { encoder } = io;
  const encode = encoder.encode.bind(encoder);
  encoder.encode = (packet) => {
    const text = replyText(packet);
    return text === null ? encode(packet) : [text];
  };
}

/** The packet of an acknowledgement as text; null for any other, and for data without a JSON text. */
function replyText({ type, nsp, id, data }: ReplyPacket): string | null {
  if (type !== ACK || !Array.isArray(data) || data.length !== 1) return null;
  const [reply] = data as [{ ok?: unknown; data?: unknown } | null];
  const text = reply?.ok === true ? jsonTextOf(reply.data) : null;
  return text === null ? null : `${ACK}${nsp === '/' ? '' : `${nsp},`}${id}[{"ok":true,"data":${text}}]`;
}
