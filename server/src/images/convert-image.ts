import { createHash } from 'node:crypto';
import type { Metadata, Sharp, SharpOptions } from 'sharp';
import sharp from 'sharp';
import type { ImageFormat } from '#shared/images/image-files.ts';
import { IMAGE_FORMATS, MAX_PIXELS, MAX_PROPORTION, MIN_SIDE_PIXELS } from '#shared/images/image-files.ts';
import type { ConversionOutcome, ImageFault, ImageFile } from './conversion.ts';
import { uploadFormatOf } from './image-format.ts';

/** For phones, cards on displays of two pixels for each of CSS, and posters. No picture is made larger. */
const WIDTHS = [480, 960, 1600];

const READ: SharpOptions = { limitInputPixels: MAX_PIXELS, sequentialRead: true, failOn: 'error' };
/** Red, green, blue and transparency, a byte each. */
const COMMON_PIXEL_BYTES = 4;
/** What transparent pixels show, since JPEG has none. */
const PAPER = '#ffffff';

/** Prepares this process, which converts and does nothing else: one thread, no cache, and of all decoders four. */
export function prepareDecoders(): void {
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: ['VipsForeignLoad'] });
  const decoders = ['Jpeg', 'Png', 'Webp', 'Heif'];
  sharp.unblock({ operation: decoders.map((name) => `VipsForeignLoad${name}Buffer`) });
}

/** Prepares this process for drawings of our own. */
export function prepareDrawing(): void {
  sharp.concurrency(1);
  sharp.cache(false);
}

/**
 * Makes the files of an image: upright, in sRGB, without metadata, still; or says why the bytes are no picture that is
 * taken. The picture is decoded once, and is never whole in memory where its format allows that.
 */
export async function convertImage(bytes: Buffer): Promise<ConversionOutcome> {
  if (uploadFormatOf(bytes) === null) return fault('unknown_format', 'Expected JPEG, PNG, WebP or AVIF');
  try {
    const header = await sharp(bytes, { ...READ, limitInputPixels: false }).metadata();
    return sizeFault(header) ?? (await filesOf(bytes, header.autoOrient.width));
  } catch (error) {
    return fault('unreadable', error instanceof Error ? error.message : String(error));
  }
}

function fault(code: ImageFault, message: string): ConversionOutcome {
  return { ok: false, code, message };
}

/** Interlaced pictures are whole in memory: those of deep colour may have half as many pixels. */
function sizeFault({ width, height, channels, depth }: Metadata): ConversionOutcome | null {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const pixelBytes = channels * (depth === 'uchar' ? 1 : 2);
  if (width * height * Math.max(1, pixelBytes / COMMON_PIXEL_BYTES) > MAX_PIXELS)
    return fault('too_large', `Expected at most ${MAX_PIXELS} pixels`);
  if (short < MIN_SIDE_PIXELS) return fault('too_small', `Expected at least ${MIN_SIDE_PIXELS} pixels on each side`);
  if (long > short * MAX_PROPORTION)
    return fault('too_long', `Expected a side of at most ${MAX_PROPORTION} times the other`);
  return null;
}

async function filesOf(bytes: Buffer, sourceWidth: number): Promise<ConversionOutcome> {
  const widths = [...new Set(WIDTHS.map((width) => Math.min(width, sourceWidth)))];
  const { data, info } = await pixelsOf(bytes, widths.at(-1) ?? sourceWidth);
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const files: ImageFile[] = [];
  for (const width of widths)
    for (const format of IMAGE_FORMATS) {
      const sized = sharp(data, { raw }).resize({ width });
      files.push({ width, format, bytes: await encode(sized, format) });
    }
  const { width, height } = info;
  return { ok: true, image: { id: idOf(files), width, height, widths }, files };
}

function pixelsOf(bytes: Buffer, width: number) {
  return sharp(bytes, READ)
    .autoOrient()
    .resize({ width })
    .flatten({ background: PAPER })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
}

/** Qualities that look alike. AVIF by the effort that takes about as long as the two others together. */
function encode(sized: Sharp, format: ImageFormat): Promise<Buffer> {
  switch (format) {
    case 'avif':
      return sized.avif({ quality: 50, effort: 2 }).toBuffer();
    case 'webp':
      return sized.webp({ quality: 75 }).toBuffer();
    case 'jpg':
      return sized.jpeg({ quality: 78, mozjpeg: true }).toBuffer();
    default:
      return format satisfies never;
  }
}

/** From the contents of all files: an address never changes what it shows. */
function idOf(files: readonly ImageFile[]): string {
  const hash = createHash('sha256');
  for (const { bytes } of files) hash.update(bytes);
  return hash.digest('hex').slice(0, 32);
}
