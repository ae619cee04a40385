import sharp from 'sharp';
import { ORGANISER } from './organiser.ts';

/** A picture of two colours, left and right: which of them a cropped one shows says where its focus is. */
export async function twoColours(width = 1_600, height = 900): Promise<Buffer> {
  const right = { create: { width: width / 2, height, channels: 3, background: '#c02040' } } as const;
  const input = await sharp(right).png().toBuffer();
  return sharp({ create: { width, height, channels: 3, background: '#2060c0' } })
    .composite([{ input, left: width / 2, top: 0 }])
    .png()
    .toBuffer();
}

/** A picture with as much detail as a photograph: shapes of one hue, and the grain of a sensor. */
export async function photograph(hue = 215, width = 1_600, height = 900): Promise<Buffer> {
  const circle = (x: number, y: number, r: number, light: number) =>
    `<circle cx="${x * width}" cy="${y * height}" r="${r * height}" fill="hsl(${hue} 45% ${light}%)"/>`;
  const shapes = Array.from({ length: 40 }, (_, i) =>
    circle(((i * 37) % 100) / 100, ((i * 61) % 100) / 100, 0.05 + (i % 5) / 30, 15 + ((i * 17) % 60)),
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="hsl(${hue} 35% 30%)"/>${shapes.join('')}</svg>`;
  const noise = { type: 'gaussian', mean: 128, sigma: 24 } as const;
  const grain = await sharp({ create: { width, height, channels: 3, background: '#808080', noise } })
    .png()
    .toBuffer();
  return sharp(Buffer.from(svg))
    .blur(4)
    .composite([{ input: grain, blend: 'soft-light' }])
    .jpeg({ quality: 92 })
    .toBuffer();
}

/** Gives an event a picture over HTTP, as the organiser. */
export async function putPicture(
  url: string,
  eventId: string,
  { alt, focusX = 0.5 }: { alt: string; focusX?: number },
  picture?: Buffer,
): Promise<void> {
  const login = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ORGANISER),
  });
  const { token } = (await login.json()) as { token: string };
  const body = new Uint8Array(picture ?? (await twoColours()));
  const headers = { authorization: `Bearer ${token}` };
  const query = new URLSearchParams({ alt, focusX: String(focusX) });
  const response = await fetch(`${url}/api/events/${eventId}/image?${query}`, { method: 'PUT', body, headers });
  if (!response.ok) throw new Error(`The picture was refused: ${await response.text()}`);
}
