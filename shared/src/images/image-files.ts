// The files of an event's image, by name. Without zod: pages use it.

/** The extensions of an image's files, the smallest files first. */
export const IMAGE_FORMATS = ['avif', 'webp', 'jpg'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

export const IMAGE_TYPES: Readonly<Record<ImageFormat, string>> = {
  avif: 'image/avif',
  webp: 'image/webp',
  jpg: 'image/jpeg',
};

/** What may be uploaded: by its bytes, whatever its name and type say. */
export const UPLOAD_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'];
export const MAX_UPLOAD_BYTES = 15_000_000;
/** Somewhat more than the "50 megapixels" of phones: decoding takes memory for each. */
export const MAX_PIXELS = 52_000_000;
/** The shortest side that fills a card on a display with two pixels for each of CSS. */
export const MIN_SIDE_PIXELS = 320;
/** The longest side by the shortest: what is longer shows next to nothing in a poster. */
export const MAX_PROPORTION = 4;
export const MAX_ALT_LENGTH = 250;

/** Where the files of images are. */
export const IMAGES_PATH = '/api/images/';

/** The name of one file of an image: its id, which follows from the contents of all its files, width and format. */
export function imageFileName(id: string, width: number, format: ImageFormat): string {
  return `${id}-${width}.${format}`;
}

/** The parts of a file's name; null for any other text. */
export function parseImageFileName(name: string): { id: string; format: ImageFormat } | null {
  const parts = /^([0-9a-f]{32})-[1-9]\d{0,3}\.(avif|webp|jpg)$/.exec(name);
  return parts ? { id: parts[1] ?? '', format: parts[2] as ImageFormat } : null;
}

interface ImageAddresses {
  /** The address of the widest JPEG. */
  url: string;
  /** The widths that each format has, in ascending order. */
  widths: readonly number[];
}

/** The address of another file of the image. */
export function imageUrl({ url }: Pick<ImageAddresses, 'url'>, width: number, format: ImageFormat): string {
  return url.replace(/-\d+\.jpg$/, `-${width}.${format}`);
}

/** The `srcset` of an image in one format. */
export function imageSrcset(image: ImageAddresses, format: ImageFormat): string {
  return image.widths.map((width) => `${imageUrl(image, width, format)} ${width}w`).join(', ');
}
