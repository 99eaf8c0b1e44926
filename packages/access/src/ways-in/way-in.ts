// A way in: one kind of credential, from finding it in a request to its principal. The object of a way in
// holds everything that is specific to its kind of credential.
import type { PresentedCertificate } from '../credentials/client-certificate.ts';
import type { ErrorCode } from '../errors/errors.ts';
import type { AuthenticationMethod, Principal } from '../principals/principal.ts';

/** The credentials of a request. */
export interface Presented {
  /** The header field Authorization. */
  authorization: string | undefined;
  /** The header field X-API-Key. */
  apiKey: string | undefined;
  /** The client certificate of its connection. */
  certificate: PresentedCertificate | undefined;
  /** The peer's IP address. */
  address: string;
  /** What a session needs of a request with cookies; undefined if it has none. */
  browser?: BrowserRequest | undefined;
}

/** A request with cookies: a browser says with it which page made it. */
export interface BrowserRequest {
  /** The header field Cookie. */
  cookies: string;
  method: string;
  isWebSocket: boolean;
  /** In lower case, with its port. */
  host: string;
  /** The header field Sec-Fetch-Site. */
  site: string | undefined;
  /** The header field Origin. */
  origin: string | undefined;
  /** The other origins whose pages may act for their visitors here. */
  trustedOrigins: readonly string[];
}

export interface WayIn<C = unknown> {
  readonly name: AuthenticationMethod;
  /** With an article, for messages: `an API key`. */
  readonly description: string;
  /** The credential of this kind; undefined if the request has none. */
  find(presented: Presented): C | undefined;
  /**
   * Returns the principal of a credential that came from `address`: the same object until something about
   * the caller changes. Throws `credential_malformed`, `credential_invalid`, `token_expired` or
   * `client_certificate_invalid`.
   */
  authenticate(credential: C, address: string): Principal;
  /**
   * Returns the current state of a principal from `authenticate`. Throws if its credential was revoked. A
   * credential that has only expired does not end what began before.
   */
  current(principal: Principal, presented: Pick<Presented, 'certificate'>): Principal;
  /** The challenge of RFC 9110 §11.6.1 for a 401 with this code; undefined if HTTP has none. */
  challenge(code: ErrorCode): string | undefined;
}
