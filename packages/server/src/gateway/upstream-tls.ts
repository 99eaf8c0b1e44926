// Reads the files of `gateway.upstreams`: roots, and our certificate with its key. Refuses files that do not fit
// together.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { UpstreamTls } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { encodePem, encodePrivateKey, readCertificates, readPrivateKey } from '@gatehouse/x509';
import type { ConfiguredUpstream } from './settings.ts';

type WithTls = Exclude<ConfiguredUpstream, string>;

/** Whether this upstream says how to speak TLS with it. */
export function hasTlsSettings({ ca, pin, certificate }: WithTls): boolean {
  return ca !== undefined || pin !== undefined || certificate !== undefined;
}

/**
 * The entries of the section `upstreams`. `ownRoots` is PEM. Throws `config_invalid`, naming the setting and the
 * file.
 */
export function readUpstreamTls(
  upstreams: Readonly<Record<string, ConfiguredUpstream>>,
  ownRoots: () => string,
): [name: string, tls: UpstreamTls][] {
  return Object.entries(upstreams).flatMap(([name, upstream]): [string, UpstreamTls][] => {
    if (typeof upstream === 'string' || !hasTlsSettings(upstream)) return [];
    try {
      return [[name, readOne(upstream, ownRoots)]];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new GatehouseError(
        'config_invalid',
        `Setting gateway.upstreams.${name} is not valid: ${reason}.`,
        {
          cause: error,
        },
      );
    }
  });
}

function readOne({ ca, pin, certificate, key }: WithTls, ownRoots: () => string): UpstreamTls {
  const roots = ca === 'own' ? ownRoots() : ca && reading(ca, () => certificatesIn(ca));
  if (certificate === undefined || key === undefined) {
    return { ca: roots, pin, certificate: undefined, privateKey: undefined };
  }
  const privateKey = reading(key, () => readPrivateKey(readFileSync(key)));
  const chain = reading(certificate, () => certificatesIn(certificate));
  const [leaf] = readCertificates(chain);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  if (leaf && Buffer.compare(leaf.spki, spki) === 0) {
    return { ca: roots, pin, certificate: chain, privateKey: encodePrivateKey(privateKey) };
  }
  throw new Error(`the first certificate in ${certificate} does not belong to the key in ${key}`);
}

function certificatesIn(path: string): string {
  return readCertificates(readFileSync(path))
    .map(({ der }) => encodePem('CERTIFICATE', der))
    .join('');
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${path} cannot be used: ${reasonOf(error as NodeJS.ErrnoException)}`, { cause: error });
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file';
  return code === 'EACCES' ? 'this user may not read it' : message;
}
