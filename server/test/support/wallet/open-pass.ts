import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import forge from 'node-forge';

/** The files of a pass by name: a ZIP file whose contents are not compressed. */
function filesOf(zip: Buffer): Map<string, Buffer> {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [nameLength, extraLength] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30)];
    const [commentLength, header] = [zip.readUInt16LE(at + 32), zip.readUInt32LE(at + 42)];
    if (method !== 0) throw new Error(`Method ${method} is not known`);
    const data = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    files.set(zip.toString('utf8', at + 46, at + 46 + nameLength), zip.subarray(data, data + size));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return files;
}

const DIGESTS: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
};
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';

type Asn1 = forge.asn1.Asn1;

const children = (node: Asn1 | undefined) => (node?.value ?? []) as Asn1[];
const bytes = (node: Asn1 | undefined) => Buffer.from(node?.value as string, 'binary');
const oid = (node: Asn1 | undefined) => forge.asn1.derToOid(node?.value as string);

/** Verifies a detached signature (PKCS #7, RFC 2315) over `content`; returns the certificate of its signer. */
function signerOf(signature: Buffer, content: Buffer): X509Certificate {
  const root = forge.asn1.fromDer(signature.toString('binary'));
  const signed = children(children(children(root)[1])[0]);
  const certificates = children(signed[3]).map(
    (node) => new X509Certificate(Buffer.from(forge.asn1.toDer(node).getBytes(), 'binary')),
  );
  const [, issuerAndSerial, algorithm, attributes, , mac] = children(children(signed[4])[0]);
  const serial = bytes(children(issuerAndSerial)[1]).toString('hex').replace(/^0+/, '').toUpperCase();
  const signer = certificates.find(({ serialNumber }) => serialNumber.replace(/^0+/, '') === serial);
  if (!signer) throw new Error('The certificate of the signer is missing');
  const digest = DIGESTS[oid(children(algorithm)[0])] ?? 'unknown';
  const stated = children(attributes).find((one) => oid(children(one)[0]) === MESSAGE_DIGEST);
  if (!bytes(children(children(stated)[1])[0]).equals(createHash(digest).update(content).digest()))
    throw new Error('The signature is about other contents');
  // Signed is the SET of attributes, not the tag that stands in its place.
  const set = forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.SET, true, children(attributes));
  const text = Buffer.from(forge.asn1.toDer(set).getBytes(), 'binary');
  if (!verify(digest, text, createPublicKey(signer.toString()), bytes(mac))) throw new Error('The signature is wrong');
  return signer;
}

interface Field {
  key: string;
  label?: string;
  value: string | number;
}

/** The contents of a pass as a device reads it. */
export interface OpenedPass {
  files: ReadonlyMap<string, Buffer>;
  signer: X509Certificate;
  json: Record<string, unknown> & { barcodes?: { message: string; altText?: string; format: string }[] };
  /** The values of all fields by their keys. */
  fields: Readonly<Record<string, string | number>>;
}

/** Opens a pass. Throws if its signature or its manifest is wrong. */
export function openPass(zip: Buffer): OpenedPass {
  const files = filesOf(zip);
  const file = (name: string) => files.get(name) ?? Buffer.alloc(0);
  const manifest = JSON.parse(file('manifest.json').toString()) as Record<string, string>;
  const others = [...files.keys()].filter((name) => name !== 'manifest.json' && name !== 'signature');
  for (const name of new Set([...others, ...Object.keys(manifest)]))
    if (manifest[name] !== createHash('sha1').update(file(name)).digest('hex'))
      throw new Error(`${name} is not what the manifest says`);
  const json = JSON.parse(file('pass.json').toString()) as OpenedPass['json'];
  const all = Object.values(json['eventTicket'] as Record<string, Field[] | undefined>).flatMap((some) => some ?? []);
  return {
    files,
    signer: signerOf(file('signature'), file('manifest.json')),
    json,
    fields: Object.fromEntries(all.map(({ key, value }) => [key, value])),
  };
}
