// Certificates, requests and revocation lists in files, PEM or DER. Refuses files with other content, and
// names that content.
import {
  decodePem,
  isDer,
  type ParsedCertificate,
  type ParsedRequest,
  type ParsedRevocationList,
  type PemBlock,
  readCertificate,
  readRequest,
  readRevocationList,
  X509Error,
} from '@gatehouse/x509';
import { CliError, exitStatus } from '../exit-status.ts';
import { MAX_INPUT_BYTES, readInput } from './input-file.ts';

/** All certificates of a file, in its order, at least one. Throws `CliError`, which names the file. */
export async function readCertificates(path: string): Promise<[ParsedCertificate, ...ParsedCertificate[]]> {
  const [first, ...others] = await readAll(path, CERTIFICATE);
  return [first, ...others];
}

/** The one request of a file. Throws `CliError`, which names the file. */
export function readRequestFile(path: string): Promise<ParsedRequest> {
  return readOne(path, REQUEST);
}

/** The one revocation list of a file. Throws `CliError`, which names the file. */
export function readRevocationListFile(path: string): Promise<ParsedRevocationList> {
  return readOne(path, REVOCATION_LIST);
}

/** Turns an expected error into one line that begins with the file's name. Does not change other errors. */
export function cannotUse(path: string, error: unknown): unknown {
  if (!(error instanceof X509Error)) return error;
  return new CliError(exitStatus.failed, `${path}: ${error.message}`, { cause: error });
}

/** The blocks of PEM octets; `undefined` for DER. Throws `X509Error`. */
export function pemBlocks(content: Buffer): PemBlock[] | undefined {
  if (isDer(content)) return undefined;
  return decodePem(content.toString('latin1'), { maxBytes: MAX_INPUT_BYTES });
}

interface Kind<T> {
  name: string;
  labels: readonly string[];
  read(der: Uint8Array): T;
}

const CERTIFICATE: Kind<ParsedCertificate> = {
  name: 'certificate',
  labels: ['CERTIFICATE', 'X509 CERTIFICATE'],
  read: readCertificate,
};
const REQUEST: Kind<ParsedRequest> = {
  name: 'certificate request',
  labels: ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'],
  read: readRequest,
};
const REVOCATION_LIST: Kind<ParsedRevocationList> = {
  name: 'revocation list',
  labels: ['X509 CRL'],
  read: readRevocationList,
};

async function readOne<T>(path: string, kind: Kind<T>): Promise<T> {
  const [first, ...others] = await readAll(path, kind);
  if (others.length === 0) return first;
  throw new CliError(
    exitStatus.failed,
    `${path} holds ${others.length + 1} of kind ${kind.name}: give a file with one`,
  );
}

async function readAll<T>(path: string, kind: Kind<T>): Promise<[T, ...T[]]> {
  const content = await readInput(path);
  try {
    const blocks = pemBlocks(content);
    if (blocks === undefined) return [kind.read(content)];
    const [first, ...others] = blocks.filter(({ label }) => kind.labels.includes(label));
    if (first === undefined) throw notThere(path, kind, blocks);
    return [kind.read(first.bytes), ...others.map(({ bytes }) => kind.read(bytes))];
  } catch (error) {
    throw cannotUse(path, error);
  }
}

function notThere(path: string, { name }: Kind<unknown>, blocks: readonly PemBlock[]): CliError {
  const labels = [...new Set(blocks.map(({ label }) => label))].join(', ');
  const found = labels === '' ? 'nothing in PEM or DER form' : labels;
  return new CliError(exitStatus.failed, `${path} holds no ${name}: there is ${found}`);
}
