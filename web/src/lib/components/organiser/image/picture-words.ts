import { MAX_PIXELS, MAX_PROPORTION, MAX_UPLOAD_BYTES, MIN_SIDE_PIXELS } from '#shared/images/image-files.ts';
import type { Failure } from '#lib/live/connection/connection.svelte.ts';
import type { PictureFault } from '#lib/organiser/image/picture-file.ts';
import { m } from '#lib/paraglide/messages.js';

const WORDS: Record<PictureFault, () => string> = {
  unknown_format: () => m.picture_fault_format(),
  unreadable: () => m.picture_fault_unreadable(),
  too_big: () => m.picture_fault_bytes({ megabytes: MAX_UPLOAD_BYTES / 1e6 }),
  too_large: () => m.picture_fault_pixels({ megapixels: MAX_PIXELS / 1e6 }),
  too_small: () => m.picture_fault_small({ pixels: MIN_SIDE_PIXELS }),
  too_long: () => m.picture_fault_long({ times: MAX_PROPORTION }),
  incomplete: () => m.picture_fault_incomplete(),
};

/** Why the picture is refused, and what to do. */
export function pictureWords(fault: PictureFault): string {
  return WORDS[fault]();
}

/** The fault of the picture that a refusal names; null for other failures. */
export function pictureFaultOf({ issues }: Failure): PictureFault | null {
  const code = issues?.find(({ path }) => path[0] === 'image')?.code ?? '';
  return code in WORDS ? (code as PictureFault) : null;
}
