// The certification request in a finalization (RFC 8555 §7.4, §11.1). Its names, in the subject or in the
// extension, must be the names of the order. Refuses the account's own key. The certificate gets no extension
// of the request.
import type { ParsedRequest } from '@gatehouse/x509';
import { isDer, readRequest, X509Error } from '@gatehouse/x509';
import { AcmeError } from '../problem.ts';
import type { AccountKey } from '../request/account-key.ts';
import { decode } from '../request/jws.ts';
import { canonicalName } from './identifiers.ts';

/** `csr`: base64url of DER. Throws `malformed` for other text, `badCSR`. */
export function readSigningRequest(
  csr: string,
  names: readonly string[],
  accountKey: AccountKey,
): ParsedRequest {
  const der = decode(csr, 'csr');
  const request = parse(der);
  const asked = new Set(namesOf(request));
  const missing = names.filter((name) => !asked.has(name));
  if (missing.length > 0) throw badRequest(`It lacks ${list(missing)}, which the order has`);
  const others = [...asked].filter((name) => !names.includes(name));
  if (others.length > 0) throw badRequest(`It has ${list(others)}, which the order lacks`);
  if (Buffer.compare(request.spki, accountKey.spki) === 0) {
    throw badRequest('It uses the key of the account; a certificate needs another key (RFC 8555 §11.1)');
  }
  return request;
}

function parse(der: Buffer): ParsedRequest {
  // The reader also accepts PEM, which ACME does not allow.
  if (!isDer(der)) throw badRequest('It is not DER');
  try {
    return readRequest(der);
  } catch (error) {
    if (error instanceof X509Error) throw badRequest(`It cannot be read: ${error.message}`, error);
    throw error;
  }
}

/** Common names and alternative names, which together must be those of the order (RFC 8555 §7.4). */
function namesOf({ subject, extensions }: ParsedRequest): string[] {
  const commonNames = subject.rdns.flat().flatMap(({ type, text }) => (type === 'CN' ? [text ?? ''] : []));
  const alternatives = extensions.subjectAltNames.map((name) => {
    if (name.type === 'dNSName' || name.type === 'iPAddress') return name.value;
    throw badRequest('It has alternative names that are neither DNS names nor IP addresses');
  });
  return [...commonNames, ...alternatives].map(canonicalName);
}

function list(names: readonly string[]): string {
  const first = names.slice(0, 5).map((name) => JSON.stringify(name.slice(0, 80)));
  return names.length > first.length ? `${first.join(', ')} and others` : first.join(', ');
}

function badRequest(problem: string, cause?: unknown): AcmeError {
  return new AcmeError('badCSR', `The certification request is refused. ${problem}.`, { cause });
}
