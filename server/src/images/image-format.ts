type UploadFormat = 'jpeg' | 'png' | 'webp' | 'avif';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);
/** Brands of AVIF in the file type box of ISO/IEC 14496-12: a picture, or a sequence of pictures. */
const AVIF_BRANDS = ['avif', 'avis'];

/** The format of a picture by its first bytes, whatever its name and type say; null if it is none that is taken. */
export function uploadFormatOf(bytes: Buffer): UploadFormat | null {
  if (bytes.subarray(0, JPEG.length).equals(JPEG)) return 'jpeg';
  if (bytes.subarray(0, PNG.length).equals(PNG)) return 'png';
  if (textAt(bytes, 0) === 'RIFF' && textAt(bytes, 8) === 'WEBP') return 'webp';
  return brandsOf(bytes).some((brand) => AVIF_BRANDS.includes(brand)) ? 'avif' : null;
}

function textAt(bytes: Buffer, offset: number): string {
  return bytes.toString('latin1', offset, offset + 4);
}

/** The major brand and the compatible brands; none without a file type box. */
function brandsOf(bytes: Buffer): string[] {
  if (textAt(bytes, 4) !== 'ftyp') return [];
  const end = Math.min(bytes.readUInt32BE(0), bytes.length, 256);
  const brands = [textAt(bytes, 8)];
  for (let offset = 16; offset + 4 <= end; offset += 4) brands.push(textAt(bytes, offset));
  return brands;
}
