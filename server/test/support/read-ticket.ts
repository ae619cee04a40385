import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import { extractText, getDocumentProxy } from 'unpdf';

/** The text in the QR code of a PNG image, as a scanner reads it; null without a code. */
export function codeInImage(png: Buffer): string | null {
  const { data, width, height } = PNG.sync.read(png);
  return jsQR.default(new Uint8ClampedArray(data), width, height)?.data ?? null;
}

/** The text of a PDF file in one line, as a search or a screen reader finds it, and the number of its pages. */
export async function textOfPdf(pdf: Buffer): Promise<{ text: string; pages: number }> {
  const document = await getDocumentProxy(new Uint8Array(pdf));
  const { text, totalPages } = await extractText(document, { mergePages: true });
  return { text: text.replace(/\s+/g, ' '), pages: totalPages };
}

/** The width and height of the first page of a PDF file, in points of 1/72 inch. */
export async function sizeOfPdf(pdf: Buffer): Promise<{ width: number; height: number }> {
  const document = await getDocumentProxy(new Uint8Array(pdf));
  const { width, height } = (await document.getPage(1)).getViewport({ scale: 1 });
  return { width, height };
}
