import { createRequire } from 'node:module';
import { openSync, type Font } from 'fontkit';

export type FontWeight = 'regular' | 'bold';

/** A font as pdfkit takes it, with a name for it. */
interface TicketFont {
  name: string;
  font: Font;
}

/** The font of the pages, then one with scripts that it lacks: Greek, Cyrillic, Hebrew, Arabic. */
const FILES = {
  regular: ['@expo-google-fonts/archivo/400Regular/Archivo_400Regular.ttf', 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf'],
  bold: ['@expo-google-fonts/archivo/700Bold/Archivo_700Bold.ttf', 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'],
} as const satisfies Record<FontWeight, readonly string[]>;

const { resolve } = createRequire(import.meta.url);

/** Parsed when a ticket first needs them, and kept: parsing takes longer than the rest of a ticket. */
const parsed = new Map<string, TicketFont>();

/** The font for a text. A character that no font has is shown as an empty box. */
export function fontFor(text: string, weight: FontWeight): TicketFont {
  const [own, other] = FILES[weight];
  const { font } = parsedFont(own);
  const hasAll = [...text].every((sign) => sign === '\n' || font.hasGlyphForCodePoint(sign.codePointAt(0) ?? 0));
  return parsedFont(hasAll ? own : other);
}

function parsedFont(file: string): TicketFont {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const font = openSync(resolve(file));
  // A collection holds several fonts; these files are none.
  if (!('layout' in font)) throw new Error(`${file} is not a font`);
  const loaded = { name: file, font };
  parsed.set(file, loaded);
  return loaded;
}
