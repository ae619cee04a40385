import { PKPass } from 'passkit-generator';
import type { PassPicture } from './pass-images.ts';
import { passImages } from './pass-images.ts';

/** What a pass for Apple Wallet is made of. */
export interface PassFileInput {
  /** The contents, `pass.json`. */
  contents: object;
  /** Translations of its texts, by language. */
  strings: Readonly<Record<string, Readonly<Record<string, string>>>>;
  picture: PassPicture | null;
  keys: { cert: string; key: string; wwdr: string };
}

/** A pass as a file (`.pkpass`): contents, images, and a signature over all of them. */
export async function makePassFile({ contents, strings, picture, keys }: PassFileInput): Promise<Buffer> {
  const files = {
    ...(await passImages(picture)),
    'pass.json': Buffer.from(JSON.stringify(contents)),
  };
  const pass = new PKPass(files, { signerCert: keys.cert, signerKey: keys.key, wwdr: keys.wwdr });
  for (const [language, texts] of Object.entries(strings)) pass.localize(language, { ...texts });
  return pass.getAsBuffer();
}
