import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import type { TestApp } from './test-app.ts';

// Pictures as organisers and others may send them, made for the tests.

type Colour = { r: number; g: number; b: number };

const GREEN: Colour = { r: 20, g: 140, b: 80 };

/** A picture of one colour: its files are as small as can be. */
export function plainPicture(width = 800, height = 500, background: Colour = GREEN): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();
}

/**
 * A photograph of twelve megabytes as a phone stores it: lying on its side, with the place and the camera in its metadata.
 * It shows grey noise, fine enough to be gone in smaller pictures, which would take long to encode.
 */
export function photograph(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 14 } as const;
  const exif = {
    IFD0: { Make: 'Camera of Anna' },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' },
  };
  // One channel, which the library's types do not know.
  const create = { width: 4608, height: 3456, channels: 1 as 3, background: GREEN, noise };
  return sharp({ create }).withMetadata({ orientation: 6 }).withExifMerge(exif).jpeg({ quality: 100 }).toBuffer();
}

/** A PNG of black pixels, as many as wanted in a few bytes, written by hand: no library agrees to make it. */
export function blackPng(width: number, height: number, { bits = 1, colourType = 0, interlaced = false } = {}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, colourType, 0, 0, interlaced ? 1 : 0], 8);
  const channels = { 0: 1, 2: 3, 6: 4 }[colourType] ?? 1;
  const rows = interlaced ? ADAM7.map((pass) => passBytes(width, height, pass, bits * channels)) : null;
  const bytes = rows
    ? rows.reduce((sum, one) => sum + one, 0)
    : height * (1 + Math.ceil((width * bits * channels) / 8));
  const data = deflateSync(Buffer.alloc(bytes), { level: 1 });
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', data),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The passes of an interlaced PNG: first column and row, and the steps between them. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function passBytes(width: number, height: number, [x, y, dx, dy]: (typeof ADAM7)[number], bits: number): number {
  const columns = Math.ceil((width - x) / dx);
  const rows = Math.ceil((height - y) / dy);
  return columns <= 0 || rows <= 0 ? 0 : rows * (1 + Math.ceil((columns * bits) / 8));
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  chunk.set(body, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** An animation of two frames, red and blue. */
export async function animation(): Promise<Buffer> {
  const [width, height] = [400, 400];
  const frame = ({ r, g, b }: Colour) => Buffer.alloc(width * height * 3, Buffer.from([r, g, b]));
  const frames = Buffer.concat([frame({ r: 220, g: 20, b: 20 }), frame({ r: 20, g: 20, b: 220 })]);
  return sharp(frames, { raw: { width, height: height * 2, channels: 3, pageHeight: height } })
    .webp({ loop: 0, delay: [100, 100] })
    .toBuffer();
}

interface UploadRequest {
  eventId: string;
  token: string | null;
  picture: Buffer | ReadableStream;
  query?: string;
  headers?: Record<string, string>;
}

/** Uploads a picture over HTTP. */
export function upload(
  { url }: Pick<TestApp, 'url'>,
  { eventId, token, picture, query = 'alt=A%20stage', headers = {} }: UploadRequest,
): Promise<Response> {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  const body = picture instanceof Buffer ? new Uint8Array(picture) : picture;
  const init = { method: 'PUT', body, headers: { ...authorization, ...headers }, duplex: 'half' };
  return fetch(`${url}/api/events/${eventId}/image?${query}`, init as RequestInit);
}

/** Takes the image of an event away. */
export function removeImage({ url }: Pick<TestApp, 'url'>, eventId: string, token: string): Promise<Response> {
  return fetch(`${url}/api/events/${eventId}/image`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  });
}
