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

/** Server to conversion process. */
export interface ConversionRequest {
  bytes: Uint8Array;
}

/** Conversion process to server. */
export interface ConversionReply {
  outcome: ConversionOutcome;
  /** The most memory that the process has taken, in bytes. */
  peakBytes: number;
}
