// Which servers a client trusts, and which certificate it presents: turns PEM into the options of node:tls.
// Refuses PEM that OpenSSL would skip, a key of another certificate, and malformed pins.

import { getCACertificates, type SecureContextOptions } from 'node:tls';
import { forNetwork, type Middleware } from '../http/middleware.ts';
import { type RevocationOptions, readRevocation } from '../revocation/settings.ts';
import type { ClientIdentity, IdentitySource } from './client-identity.ts';
import type { Trust, TrustChanges } from './network-change.ts';
import { certificatesIn, pairOf } from './pem.ts';

/** The options of `trust`. All certificates and keys are PEM text. */
export interface TrustOptions extends RevocationOptions {
  /** One or more roots. They are trusted instead of those of Node. */
  ca?: string | readonly string[];
  /** Also trust the roots of the operating system. */
  system?: boolean;
  /** The client's certificate, followed by its intermediates. */
  certificate?: string;
  /** The private key of `certificate`. */
  key?: string;
  /** A certificate that changes, instead of `certificate` and `key`. */
  identity?: IdentitySource;
  /** For an encrypted key. */
  passphrase?: string;
  /** `sha256/BASE64` of public keys (SPKI). One certificate of the server's chain must have one of these. */
  pins?: readonly string[];
  /** Default: TLS 1.2. */
  minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** The name for SNI and in the certificate, instead of the one in the URL. */
  serverName?: string;
}

/**
 * Sets the roots, the pins, the TLS version and the client's certificate. The client opens new connections,
 * so that it uses none with the old trust.
 * @throws TypeError for PEM that cannot be read, or if the key belongs to another certificate
 * @example
 * const trusting = client().with(trust({ ca, certificate, key, pins: ['sha256/…'] }));
 */
export function trust(options: TrustOptions): Middleware {
  return forNetwork({ trust: readTrust(options) });
}

/** Checks the options of `trust`. */
export function readTrust(options: TrustOptions): Trust {
  if (options.identity !== undefined) return changingTrust(options, options.identity);
  const { pins = [], minVersion = 'TLSv1.2', serverName } = options;
  const malformed = pins.find((pin) => !/^sha256\/[A-Za-z0-9+/]{43}=$/.test(pin));
  if (malformed !== undefined)
    throw new TypeError(`the pin ${malformed} is not sha256/ and 44 characters of base64`);
  return {
    context: { ...rootsOf(options), ...certificateOf(options), minVersion },
    pins,
    serverName,
    hasCertificate: options.certificate !== undefined,
    revocation: readRevocation(options),
  };
}

function changingTrust(options: TrustOptions, source: IdentitySource): Trust {
  if (options.certificate !== undefined || options.key !== undefined) {
    throw new TypeError('give identity, or certificate and key');
  }
  const { identity: _source, ...others } = options;
  const withIdentity = (identity: ClientIdentity) => ({ ...readTrust({ ...others, ...identity }), changes });
  const changes: TrustChanges = {
    current: () => withIdentity(source.current()),
    watch: (changed) => source.watch((identity) => changed(withIdentity(identity))),
  };
  return changes.current();
}

function rootsOf({ ca, system }: TrustOptions): SecureContextOptions {
  const own = ca === undefined ? [] : certificatesIn([ca].flat().join('\n'));
  if (system === true) return { ca: [...own, ...getCACertificates('system')] };
  return ca === undefined ? {} : { ca: own };
}

function certificateOf({ certificate, key, passphrase }: TrustOptions): SecureContextOptions {
  return certificate === undefined && key === undefined ? {} : pairOf(certificate, key, passphrase);
}
