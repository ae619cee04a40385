import QRCode from 'qrcode';

interface QrPath {
  /** Modules along a side, without the quiet zone. */
  size: number;
  /** The dark modules as a path of an SVG whose unit is a module. */
  path: string;
}

/** A QR code as one SVG path. Error correction level M tolerates a crack in the screen or a crease in the paper. */
export function qrPath(text: string): QrPath {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' });
  const rows = Array.from({ length: modules.size }, (_, y) => rowPath(modules.data, modules.size, y));
  return { size: modules.size, path: rows.join('') };
}

/** The runs of dark modules in a row, each a rectangle one module high. */
function rowPath(data: ArrayLike<number>, size: number, y: number): string {
  let path = '';
  for (let x = 0; x < size; x += 1) {
    const start = x;
    while (x < size && data[y * size + x]) x += 1;
    if (x > start) path += `M${start} ${y}h${x - start}v1h${start - x}z`;
  }
  return path;
}
