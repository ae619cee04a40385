import { createRequire } from 'node:module';
import sharp from 'sharp';
import { ARTWORK_HEIGHT, ARTWORK_WIDTH, artworkOf } from '#shared/images/artwork.ts';
import { posterColors } from '#shared/poster/poster-colors.ts';
import type { CardRequest } from './conversion.ts';

/** What previews of shared links show (Open Graph): 1.91 to 1. */
const CARD_WIDTH = 1_200;
const CARD_HEIGHT = 630;
const PICTURE_HEIGHT = 372;
const MARGIN = 56;
/** Between the picture and the first line, and between the lines. */
const GAP = 34;
const DATE_SIZE = 34;
/** The largest in which the title fits. */
const TITLE_SIZES = [68, 56, 46, 38];
const TITLE_HEIGHT = 152;

const { resolve } = createRequire(import.meta.url);
/** The font of the pages, and one with the scripts that it lacks. No font of the machine is needed. */
const FONTS = {
  regular: ['@expo-google-fonts/archivo/500Medium/Archivo_500Medium.ttf', 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf'],
  bold: ['@expo-google-fonts/archivo/700Bold/Archivo_700Bold.ttf', 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'],
} as const;
const NAMES = { regular: 'Archivo Medium, DejaVu Sans', bold: 'Archivo, DejaVu Sans Bold' } as const;

interface CardText {
  text: string;
  weight: keyof typeof FONTS;
  colour: string;
  /** Pixels. */
  size: number;
}

/**
 * The card of a shared link as JPEG: the picture of the event, or its artwork, above its date and its title. Both are on
 * the plain poster, whose contrast is known.
 */
export async function drawCard({ eventId, title, date, picture }: CardRequest): Promise<Buffer> {
  const { block: poster, tint } = posterColors(eventId);
  const above = picture ? await croppedPicture(picture) : await drawnArtwork(eventId, tint, poster);
  const when = await drawText({ text: date, weight: 'regular', colour: tint, size: DATE_SIZE });
  const name = await fittedTitle(title);
  const top = PICTURE_HEIGHT + GAP;
  const background = { width: CARD_WIDTH, height: CARD_HEIGHT, channels: 3, background: poster } as const;
  return sharp({ create: background })
    .composite([
      { input: above, left: 0, top: 0 },
      { input: when.data, left: MARGIN, top },
      { input: name.data, left: MARGIN, top: top + when.height + GAP / 2 },
    ])
    .jpeg({ quality: 82, mozjpeg: true })
    .toBuffer();
}

async function croppedPicture({ bytes, focusX, focusY }: NonNullable<CardRequest['picture']>): Promise<Buffer> {
  const { width, height } = await sharp(bytes).metadata();
  const scale = Math.max(CARD_WIDTH / width, PICTURE_HEIGHT / height);
  const [wide, high] = [Math.ceil(width * scale), Math.ceil(height * scale)];
  const box = {
    left: offset(wide, CARD_WIDTH, focusX),
    top: offset(high, PICTURE_HEIGHT, focusY),
    width: CARD_WIDTH,
    height: PICTURE_HEIGHT,
  };
  return sharp(bytes).resize(wide, high, { fit: 'fill' }).extract(box).png({ compressionLevel: 1 }).toBuffer();
}

/** Like `object-position` of CSS: the focus as a share of what does not fit. */
function offset(length: number, shown: number, focus: number): number {
  return Math.round((length - shown) * focus);
}

function drawnArtwork(eventId: string, tint: string, poster: string): Promise<Buffer> {
  const { transform, lit, dim } = artworkOf(eventId);
  const size = `width="${CARD_WIDTH}" height="${PICTURE_HEIGHT}"`;
  const box = `viewBox="0 0 ${ARTWORK_WIDTH} ${ARTWORK_HEIGHT}" preserveAspectRatio="xMidYMid slice"`;
  const seats = `<g transform="${transform}"><path opacity=".22" d="${dim}"/><path opacity=".85" d="${lit}"/></g>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${box} fill="${tint}">${seats}</svg>`;
  return sharp(Buffer.from(svg)).flatten({ background: poster }).png({ compressionLevel: 1 }).toBuffer();
}

/** The title in the largest size in which it fits; in the smallest it is cut. */
async function fittedTitle(title: string): Promise<{ data: Buffer; height: number }> {
  for (const size of TITLE_SIZES) {
    const drawn = await drawText({ text: title, weight: 'bold', colour: '#ffffff', size });
    if (drawn.height <= TITLE_HEIGHT) return drawn;
    if (size === TITLE_SIZES.at(-1)) return cut(drawn);
  }
  throw new Error('There is no size for titles');
}

async function cut({ data }: { data: Buffer }): Promise<{ data: Buffer; height: number }> {
  const { width } = await sharp(data).metadata();
  const box = { left: 0, top: 0, width, height: TITLE_HEIGHT };
  return { data: await sharp(data).extract(box).png().toBuffer(), height: TITLE_HEIGHT };
}

async function drawText({ text, weight, colour, size }: CardText): Promise<{ data: Buffer; height: number }> {
  const [own, other] = FONTS[weight].map((file) => resolve(file));
  const font = `${NAMES[weight]} ${size}`;
  const draw = (fontfile: string | undefined, markup: string) =>
    sharp({
      text: {
        text: markup,
        font,
        width: CARD_WIDTH - 2 * MARGIN,
        rgba: true,
        dpi: 72,
        wrap: 'word-char',
        ...(fontfile && { fontfile }),
      },
    });
  // A font stays known to the process: this one is only made known.
  await draw(other, '.').png().toBuffer();
  const markup = `<span foreground="${colour}">${escaped(text)}</span>`;
  const { data, info } = await draw(own, markup).png().toBuffer({ resolveWithObject: true });
  return { data, height: info.height };
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text is markup to Pango. */
function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? '');
}
