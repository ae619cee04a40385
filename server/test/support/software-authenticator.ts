import type { KeyObject } from 'node:crypto';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import type { NewCredential, ProvedCredential } from '#shared/accounts/passkey.ts';

type CborValue = number | string | Buffer | ReadonlyMap<number | string, CborValue>;

/** CBOR (RFC 8949) of what authenticators write. */
function cbor(value: CborValue): Buffer {
  if (typeof value === 'number') return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value);
  if (typeof value === 'string') return Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([cborHead(2, value.length), value]);
  return Buffer.concat([cborHead(5, value.size), ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one)])]);
}

/** A major type with a length or a number below 2^16. */
function cborHead(major: number, size: number): Buffer {
  if (size < 24) return Buffer.from([(major << 5) | size]);
  if (size < 256) return Buffer.from([(major << 5) | 24, size]);
  return Buffer.from([(major << 5) | 25, size >> 8, size & 255]);
}

/** The flags of authenticator data (WebAuthn, 6.1). */
const [PRESENT, VERIFIED, HAS_KEY] = [0x01, 0x04, 0x40];

interface StoredKey {
  id: string;
  domain: string;
  userHandle: string;
  privateKey: KeyObject;
  counter: number;
}

/** The page that asks; `type`, `domain` and `counter` are what an attacker would have them be. */
interface Ceremony {
  origin: string;
  type?: string;
  domain?: string;
  counter?: number;
  isVerified?: boolean;
}

export type SoftwareAuthenticator = ReturnType<typeof softwareAuthenticator>;

/** An authenticator as browsers have it, which makes ES256 keys and answers as they do (WebAuthn Level 3). */
export function softwareAuthenticator() {
  const keys: StoredKey[] = [];

  function authenticatorData(domain: string, flags: number, counter: number, rest = Buffer.alloc(0)): Buffer {
    const head = Buffer.alloc(5);
    head.writeUInt8(flags, 0);
    head.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(domain), head, rest]);
  }

  return {
    keys,
    /** `navigator.credentials.create`. */
    create(options: PublicKeyCredentialCreationOptionsJSON, ceremony: Ceremony): NewCredential {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
      const rawId = randomBytes(32);
      const id = rawId.toString('base64url');
      const { domain = options.rp.id ?? '', counter = 0, isVerified = true } = ceremony;
      keys.push({ id, domain, userHandle: options.user.id, privateKey, counter });
      const cose = new Map<number, CborValue>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ]);
      const length = Buffer.from([rawId.length >> 8, rawId.length & 255]);
      const attested = Buffer.concat([Buffer.alloc(16), length, rawId, cbor(cose)]);
      const flags = PRESENT | HAS_KEY | (isVerified ? VERIFIED : 0);
      const authData = authenticatorData(domain, flags, counter, attested);
      const attestation = new Map<string, CborValue>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]);
      return {
        id,
        rawId: id,
        type: 'public-key',
        response: {
          clientDataJSON: clientData({ type: 'webauthn.create', ...ceremony }, options.challenge).toString('base64url'),
          attestationObject: cbor(attestation).toString('base64url'),
          transports: ['internal'],
        },
      };
    },
    /** `navigator.credentials.get`, with the newest key of the domain. It counts on, unless `counter` says otherwise. */
    get(options: PublicKeyCredentialRequestOptionsJSON, ceremony: Ceremony): ProvedCredential {
      const key = keys.findLast(({ domain }) => domain === options.rpId);
      if (!key) throw new Error(`There is no key for ${options.rpId}`);
      key.counter = ceremony.counter ?? key.counter + 1;
      const data = clientData({ type: 'webauthn.get', ...ceremony }, options.challenge);
      const flags = PRESENT | (ceremony.isVerified === false ? 0 : VERIFIED);
      const authData = authenticatorData(ceremony.domain ?? key.domain, flags, key.counter);
      const signature = sign('sha256', Buffer.concat([authData, sha256(data)]), key.privateKey);
      return {
        id: key.id,
        rawId: key.id,
        type: 'public-key',
        response: {
          clientDataJSON: data.toString('base64url'),
          authenticatorData: authData.toString('base64url'),
          signature: signature.toString('base64url'),
          userHandle: key.userHandle,
        },
      };
    },
  };
}

function clientData({ type, origin }: Ceremony, challenge: string): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
