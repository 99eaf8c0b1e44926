// Writes keys in OpenSSH's own format by its description (PROTOCOL.key, RFC 4251 §5). Tests may change every
// field.
import { createPublicKey, type KeyObject } from 'node:crypto';

/** The changes of a test. Everything else is as ssh-keygen writes it. */
export interface OpensshChanges {
  cipher?: string;
  kdf?: string;
  count?: number;
  checks?: [number, number];
  padding?: Buffer;
  /** Replaces the public key outside of the private section. */
  publicBlob?: Buffer;
  privateFields?: Buffer[];
}

/** The octets of an `OPENSSH PRIVATE KEY` block. */
export function opensshPrivateKey(key: KeyObject, changes: OpensshChanges = {}): Buffer {
  const { cipher = 'none', kdf = 'none', count = 1, checks = [7, 7] } = changes;
  const { publicBlob = opensshPublicBlob(key), privateFields = fieldsOf(key) } = changes;
  const body = Buffer.concat([...checks.map(uint32), ...privateFields, sshString('a remark')]);
  const missing = (8 - (body.length % 8)) % 8;
  const padding = changes.padding ?? Buffer.from(Array.from({ length: missing }, (_, index) => index + 1));
  return Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[cipher, kdf, ''].map(sshString),
    uint32(count),
    sshString(publicBlob),
    sshString(Buffer.concat([body, padding])),
  ]);
}

/** The line of a `.pub` file. */
export function opensshPublicLine(key: KeyObject): string {
  const blob = opensshPublicBlob(key);
  return `${typeOf(jwkOf(key))} ${blob.toString('base64')} someone@somewhere\n`;
}

export function opensshPublicBlob(key: KeyObject): Buffer {
  const jwk = jwkOf(createPublicKey(key));
  return Buffer.concat([sshString(typeOf(jwk)), ...publicFields(jwk)]);
}

export function sshString(content: string | Uint8Array): Buffer {
  const octets = Buffer.from(content as Uint8Array);
  return Buffer.concat([uint32(octets.length), octets]);
}

type Jwk = Record<string, string | undefined>;

const CURVES: Record<string, string> = { 'P-256': 'nistp256', 'P-384': 'nistp384', 'P-521': 'nistp521' };

function jwkOf(key: KeyObject): Jwk {
  return key.export({ format: 'jwk' }) as Jwk;
}

function typeOf({ kty, crv = '' }: Jwk): string {
  if (kty === 'RSA') return 'ssh-rsa';
  return kty === 'OKP' ? 'ssh-ed25519' : `ecdsa-sha2-${CURVES[crv]}`;
}

function publicFields(jwk: Jwk): Buffer[] {
  if (jwk.kty === 'RSA') return [mpint(jwk.e), mpint(jwk.n)];
  if (jwk.kty === 'OKP') return [sshString(octets(jwk.x))];
  const point = Buffer.concat([Buffer.of(4), octets(jwk.x), octets(jwk.y)]);
  return [sshString(CURVES[jwk.crv ?? ''] ?? ''), sshString(point)];
}

function fieldsOf(key: KeyObject): Buffer[] {
  const jwk = jwkOf(key);
  const type = sshString(typeOf(jwk));
  if (jwk.kty === 'RSA') return [type, ...[jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map(mpint)];
  if (jwk.kty !== 'OKP') return [type, ...publicFields(jwk), mpint(jwk.d)];
  return [type, ...publicFields(jwk), sshString(Buffer.concat([octets(jwk.d), octets(jwk.x)]))];
}

function octets(base64url = ''): Buffer {
  return Buffer.from(base64url, 'base64url');
}

function mpint(base64url: string | undefined): Buffer {
  const magnitude = octets(base64url);
  const start = Math.max(
    0,
    magnitude.findIndex((octet) => octet !== 0),
  );
  const digits = magnitude.subarray(start);
  return sshString((digits[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), digits]) : digits);
}

function uint32(value: number): Buffer {
  const four = Buffer.alloc(4);
  four.writeUInt32BE(value);
  return four;
}
