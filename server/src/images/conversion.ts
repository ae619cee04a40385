import type { StoredImage } from '#server/booking/rules/state/event-state.ts';
import type { ImageFormat } from '#shared/images/image-files.ts';

// What the server and its conversion process say to each other.

/** Why bytes are no picture that is taken. */
export type ImageFault = 'unknown_format' | 'unreadable' | 'too_large' | 'too_small' | 'too_long';

export interface ImageFile {
  width: number;
  format: ImageFormat;
  bytes: Uint8Array;
}

export type ConversionOutcome =
  { ok: true; image: StoredImage; files: ImageFile[] } | { ok: false; code: ImageFault; message: string };

/** The card of a shared link. */
export interface CardRequest {
  eventId: string;
  title: string;
  /** In words. */
  date: string;
  /** A JPEG of the event's image; null: its artwork. */
  picture: { bytes: Uint8Array; focusX: number; focusY: number } | null;
}

/** Server to conversion process. */
export type ConversionRequest = { kind: 'upload'; bytes: Uint8Array } | { kind: 'card'; card: CardRequest };

/** Conversion process to server. */
export interface ConversionReply {
  /** Of an upload its outcome, of a card its JPEG. */
  result: ConversionOutcome | Uint8Array;
  /** The most memory that the process has taken, in bytes. */
  peakBytes: number;
}
