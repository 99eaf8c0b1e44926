// The signature of a file (docs/wire/file-signature.md): a JWS (RFC 7515) with the hash of the file in its
// payload. So files of any size can be signed, and any JWS library can verify the signature. Refuses other
// types, other algorithms than that of the key, and unknown members.
import { createHash } from 'node:crypto';
import type { MessageSigner, MessageVerifier, SignatureAlgorithm } from '@gatehouse/protocol';

/** The signed content. */
export interface FileStatement {
  /** The name without its folder, for people. */
  file: string;
  size: number;
  /** In hexadecimal. */
  sha512: string;
  /** A NumericDate. */
  iat: number;
}

export interface FileSignature {
  statement: FileStatement;
  /** The algorithm's name in the signature (RFC 7518 §3.1). */
  alg: string;
  /** DER of the certificates, the leaf first. */
  chain: readonly Buffer[];
  /** Whether this key made it. */
  isBy(key: MessageVerifier): Promise<boolean>;
}

/** Why a signature cannot be read. */
export class FileSignatureError extends Error {}

const TYPE = 'gatehouse-file-signature';
const MAX_LENGTH = 64 * 1024;
const ALGORITHMS: Readonly<Partial<Record<SignatureAlgorithm, string>>> = {
  ed25519: 'EdDSA',
  'ecdsa-p256-sha256': 'ES256',
  'ecdsa-p384-sha384': 'ES384',
  'rsa-pss-sha512': 'PS512',
};

/** The name of the algorithm in a JWS. */
export function joseName(algorithm: SignatureAlgorithm): string {
  return ALGORITHMS[algorithm] ?? '';
}

/** The hash of a file, and its size. */
export async function measure(
  content: AsyncIterable<Uint8Array>,
): Promise<Pick<FileStatement, 'size' | 'sha512'>> {
  const hash = createHash('sha512');
  let size = 0;
  for await (const part of content) {
    hash.update(part);
    size += part.length;
  }
  return { size, sha512: hash.digest('hex') };
}

/** The text of a signature. `chain` has DER. */
export async function signStatement(
  statement: FileStatement,
  key: MessageSigner,
  chain: readonly Uint8Array[],
): Promise<string> {
  const x5c = chain.map((der) => Buffer.from(der).toString('base64'));
  const header = { alg: joseName(key.algorithm), typ: TYPE, ...(x5c.length > 0 && { x5c }) };
  const input = `${encoded(header)}.${encoded(statement)}`;
  const signature = await key.sign(new TextEncoder().encode(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

/** Reads a signature without verifying it. Throws FileSignatureError. */
export function readFileSignature(text: string): FileSignature {
  const trimmed = text.trim();
  const [head = '', body = '', tail = '', ...more] = trimmed.split('.');
  if (trimmed.length > MAX_LENGTH || more.length > 0 || tail === '') throw malformed('is not a JWS');
  const { alg, typ, x5c = [], ...others } = decoded(head);
  if (typ !== TYPE || typeof alg !== 'string' || Object.keys(others).length > 0) {
    throw malformed('is not a signature of a file, or has a newer format');
  }
  const signature = Uint8Array.from(Buffer.from(tail, 'base64url'));
  return {
    statement: statementOf(decoded(body)),
    alg,
    chain: chainOf(x5c),
    isBy: async (key) =>
      joseName(key.algorithm) === alg && key.verify(new TextEncoder().encode(`${head}.${body}`), signature),
  };
}

function statementOf({ file, size, sha512, iat }: Record<string, unknown>): FileStatement {
  const isWhole = typeof file === 'string' && Number.isInteger(size) && Number.isInteger(iat);
  if (isWhole && typeof sha512 === 'string') {
    return { file, size: Number(size), sha512, iat: Number(iat) };
  }
  throw malformed('does not describe a file');
}

function chainOf(x5c: unknown): Buffer[] {
  if (Array.isArray(x5c) && x5c.every((entry) => typeof entry === 'string')) {
    return x5c.map((entry) => Buffer.from(entry, 'base64'));
  }
  throw malformed('has certificates that cannot be read');
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decoded(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Reported below.
  }
  throw malformed('is not a JWS');
}

function malformed(what: string): FileSignatureError {
  return new FileSignatureError(`it ${what}`);
}
