// What middleware can change in the network: the trust and the proxies.
import type { SecureContextOptions } from 'node:tls';
import type { DigestTarget } from '../auth/digest-session.ts';
import type { RevocationSettings } from '../revocation/settings.ts';

/** What middleware can change in the network. */
export interface NetworkChange {
  trust?: Trust;
  proxy?: ChooseProxy;
}

/** The checked options of `trust`. */
export interface Trust {
  context: SecureContextOptions;
  pins: readonly string[];
  serverName: string | undefined;
  hasCertificate: boolean;
  revocation: RevocationSettings;
  /** Undefined if it does not change. */
  changes?: TrustChanges | undefined;
}

/** A trust whose certificate changes. */
export interface TrustChanges {
  current(): Trust;
  /** Calls `changed` with each new trust, until the returned function is called. */
  watch(changed: (trust: Trust) => void): () => void;
}

/** The proxy for a URL, or undefined. */
export type ChooseProxy = (url: URL) => ChosenProxy | undefined;

/** One proxy, with the credentials for it. */
export interface ChosenProxy {
  url: URL;
  credentials: ProxyCredentials;
}

/** Credentials for a proxy. They learn from its challenges. */
export interface ProxyCredentials {
  kind: 'Basic' | 'Digest' | undefined;
  /** The value of Proxy-Authorization. */
  authorize(target: DigestTarget): string | undefined;
  /** Reads Proxy-Authenticate. Returns whether it makes sense to try again. */
  accept(field: string | null, sent: string | undefined): boolean;
}
