import { MAX_UPLOAD_BYTES, UPLOAD_TYPES } from '#shared/images/image-files.ts';

/** Why a picture is refused: the codes of the server, some of which the page knows before the upload. */
export type PictureFault =
  'unknown_format' | 'unreadable' | 'too_big' | 'too_large' | 'too_small' | 'too_long' | 'incomplete';

/** Whether a chosen file will be refused whatever it shows; the server looks at its contents. */
export function fileFault({ type, size }: Pick<File, 'type' | 'size'>): PictureFault | null {
  // Some systems know no type for AVIF.
  if (type !== '' && !UPLOAD_TYPES.includes(type)) return 'unknown_format';
  if (size === 0) return 'unreadable';
  return size > MAX_UPLOAD_BYTES ? 'too_big' : null;
}

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The place in a box that a pointer shows, as shares of its sides. */
export function focusAt({ left, top, width, height }: Box, x: number, y: number): { x: number; y: number } {
  return { x: share((x - left) / width), y: share((y - top) / height) };
}

const STEP = 0.05;
const MOVES: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/** The focus after a key; null if the key does not move it. */
export function focusAfterKey({ x, y }: { x: number; y: number }, key: string): { x: number; y: number } | null {
  const move = MOVES[key];
  return move ? { x: share(x + move[0]), y: share(y + move[1]) } : null;
}

/** In hundredths, so that arrows lead back to where they began. */
function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 100) / 100;
}
