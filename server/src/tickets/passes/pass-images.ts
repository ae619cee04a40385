import sharp from 'sharp';

/** The event's image as a JPEG of any of its widths, and its focus (0 to 1), which cropping keeps visible. */
export interface PassPicture {
  bytes: Uint8Array;
  focusX: number;
  focusY: number;
}

/** Pixels for each point, by the ending of the file's name. */
const SCALES = { '': 1, '@2x': 2, '@3x': 3 } as const;
const ICON = 29;
const LOGO = 50;
const THUMBNAIL = 90;

/** Three seats, the middle one free: the shape of the site's logo, 32 by 32. */
const SEATS = [
  { left: 2, isFree: false },
  { left: 12, isFree: true },
  { left: 22, isFree: false },
];
const WHITE = '#ffffff';
const FREE = '#46c46f';
const INK = '#0d1320';

type Images = Record<string, Buffer>;

/** The same in all passes. */
let ownImages: Promise<Images> | undefined;

/** The images of a pass by the names of their files: icon and logo, and the event's picture if it has one. */
export async function passImages(picture: PassPicture | null): Promise<Images> {
  ownImages ??= inEachScale({
    icon: (scale) => drawn(ICON * scale, INK),
    logo: (scale) => drawn(LOGO * scale, null),
  });
  if (!picture) return ownImages;
  const thumbnails = await inEachScale({ thumbnail: (scale) => cropped(picture, THUMBNAIL * scale) });
  return Object.assign(thumbnails, await ownImages);
}

async function inEachScale(images: Record<string, (scale: number) => Promise<Buffer>>): Promise<Images> {
  const files = Object.entries(images).flatMap(([name, draw]) =>
    Object.entries(SCALES).map(async ([ending, scale]) => [`${name}${ending}.png`, await draw(scale)] as const),
  );
  return Object.fromEntries(await Promise.all(files));
}

/** The logo in a square, on a colour or on nothing. */
function drawn(side: number, background: string | null): Promise<Buffer> {
  const seats = SEATS.map(
    ({ left, isFree }) =>
      `<path fill="${isFree ? FREE : WHITE}" d="M${left} 14a4 4 0 0 1 8 0v8a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1z"/>`,
  );
  const ground = background === null ? '' : `<rect width="32" height="32" fill="${background}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 32 32">${ground}${seats.join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** A square around the focus. */
async function cropped({ bytes, focusX, focusY }: PassPicture, side: number): Promise<Buffer> {
  const { width, height } = await sharp(bytes).metadata();
  const scale = Math.max(side / width, side / height);
  const [wide, high] = [Math.max(side, Math.round(width * scale)), Math.max(side, Math.round(height * scale))];
  const box = {
    left: Math.round((wide - side) * focusX),
    top: Math.round((high - side) * focusY),
    width: side,
    height: side,
  };
  return sharp(bytes).resize(wide, high, { fit: 'fill' }).extract(box).png().toBuffer();
}
