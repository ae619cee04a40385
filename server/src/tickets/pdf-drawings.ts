import type { CaptionedImage } from '#server/booking/rules/state/event-state.ts';
import { qrPath } from '#shared/tickets/qr-path.ts';

export type Pdf = PDFKit.PDFDocument;

// In points of 1/72 inch.
/** A6: one page fits into a pocket, four fit on an A4 sheet. */
export const WIDTH = 297.64;
/** 53 mm with its quiet zone: scanners read it from an arm's length. */
export const QR_SIDE = 150;
/** The strip of the event's image above the poster. */
export const PICTURE_HEIGHT = 84;
/** Quiet zone around the code, in modules (ISO/IEC 18004). */
const QUIET = 4;

/** The event's image, a JPEG of any of its widths, across the page: cropped around its focus like on the pages. */
export function drawPicture(pdf: Pdf, picture: Uint8Array, image: CaptionedImage): void {
  const scale = Math.max(WIDTH / image.width, PICTURE_HEIGHT / image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  const [x, y] = [(WIDTH - width) * image.focusX, (PICTURE_HEIGHT - height) * image.focusY];
  pdf.save().rect(0, 0, WIDTH, PICTURE_HEIGHT).clip();
  pdf.image(Buffer.from(picture), x, y, { width, height }).restore();
}

/** Black on white, as scanners expect; drawn, so that it stays sharp at every size. */
export function drawCode(pdf: Pdf, ticket: string, y: number): void {
  const { size, path } = qrPath(ticket);
  const module = QR_SIDE / (size + 2 * QUIET);
  pdf
    .save()
    .translate((WIDTH - QR_SIDE) / 2 + QUIET * module, y + QUIET * module)
    .scale(module)
    .path(path)
    .fill('#000000')
    .restore();
}
