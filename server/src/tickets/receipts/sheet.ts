import type { Pdf } from '../pdf-drawings.ts';
import { printable } from '../printable.ts';
import type { FontWeight } from '../ticket-fonts.ts';
import { fontFor } from '../ticket-fonts.ts';

// In points of 1/72 inch. A4, with margins of 20 mm.
const SIZE = { width: 595.28, height: 841.89 };
const MARGIN = 56.7;
const BOTTOM = SIZE.height - MARGIN;
export const INNER = SIZE.width - 2 * MARGIN;
export const GAP = 8;
export const SOFT = '#4f5360';

export interface Look {
  weight: FontWeight;
  size: number;
  color: string;
}

/** A cell of a row: its text, and where it stands. */
interface Cell {
  text: string;
  at: number;
  width: number;
  align: 'left' | 'right';
  look: Look;
}

/** Pages that are filled row by row; a row that does not fit begins the next page, below the title. */
export class Sheet {
  readonly #pdf: Pdf;
  readonly #heading: { title: string; look: Look };
  #y = MARGIN;

  /** `heading`: what stands at the top of each further page. */
  constructor(pdf: Pdf, heading: { title: string; look: Look }) {
    this.#pdf = pdf;
    this.#heading = heading;
    this.#addPage();
  }

  /** A row of cells beside each other, and the space below it. */
  row(cells: readonly Cell[], below: number): void {
    const height = Math.max(...cells.map((cell) => this.#heightOf(cell)));
    if (this.#y + height > BOTTOM) {
      this.#addPage();
      this.line(this.#heading.title, this.#heading.look, GAP);
    }
    for (const { text, at, width, align, look } of cells)
      this.#choose(text, look)
        .fillColor(look.color)
        .text(printable(text), MARGIN + at, this.#y, { width, align });
    this.#y += height + below;
  }

  /** A text over the whole width. */
  line(text: string, look: Look, below: number): void {
    this.row([{ text, at: 0, width: INNER, align: 'left', look }], below);
  }

  /** A thin line over the whole width. */
  rule(): void {
    this.#pdf
      .moveTo(MARGIN, this.#y)
      .lineTo(MARGIN + INNER, this.#y)
      .lineWidth(0.5)
      .stroke(SOFT);
    this.#y += GAP / 2;
  }

  space(height: number): void {
    this.#y += height;
  }

  #addPage(): void {
    this.#pdf.addPage({ size: [SIZE.width, SIZE.height], margin: 0 });
    this.#y = MARGIN;
  }

  #heightOf({ text, width, look }: Cell): number {
    return this.#choose(text, look).heightOfString(printable(text), { width });
  }

  #choose(text: string, { weight, size }: Look): Pdf {
    const { name, font } = fontFor(printable(text), weight);
    // The types of pdfkit do not know parsed fonts; registering a name again changes nothing.
    return this.#pdf
      .registerFont(name, font as unknown as Buffer)
      .font(name)
      .fontSize(size);
  }
}
