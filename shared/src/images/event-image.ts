import { z } from 'zod';
import { singleLine } from '../protocol/primitives.ts';
import { MAX_ALT_LENGTH } from './image-files.ts';

/**
 * An event's image. `url` is its widest JPEG, `width` and `height` are that file's pixels; the same address with another of
 * `widths` and with `avif` or `webp` is another file. The focus, 0 to 1 from left and top, stays visible where it is cropped.
 */
export const eventImage = z.object({
  url: z.string(),
  width: z.int(),
  height: z.int(),
  alt: z.string(),
  widths: z.array(z.int()),
  focusX: z.number(),
  focusY: z.number(),
});
export type EventImage = z.infer<typeof eventImage>;

/** `PUT /api/events/:id/image`: what is said of the picture beside its bytes. */
export const imageCaption = z.strictObject({
  alt: singleLine(MAX_ALT_LENGTH),
  focusX: z.number().min(0).max(1).default(0.5),
  focusY: z.number().min(0).max(1).default(0.5),
});
export type ImageCaption = z.infer<typeof imageCaption>;
