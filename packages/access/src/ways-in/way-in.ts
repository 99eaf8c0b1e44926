// A way in: one kind of credential. Its object finds the credential in a request, and returns the principal.
import type { PresentedCertificate } from '../credentials/client-certificate.ts';
import type { ErrorCode } from '../errors/errors.ts';
import type { AuthenticationMethod, Principal } from '../principals/principal.ts';

/** The credentials of a request. */
export interface Presented {
  /** The header field Authorization. */
  authorization: string | undefined;
  /** The header field X-API-Key. */
  apiKey: string | undefined;
  /** The header field DPoP (RFC 9449 §4.1). Repeated fields are joined with commas. */
  dpop: string | undefined;
  /** The client certificate of its connection. */
  certificate: PresentedCertificate | undefined;
  /** The peer's IP address. */
  address: string;
  request: PresentedRequest;
  /** Names and values of all header fields in turn, if the route accepts signatures. */
  fields?: readonly string[] | undefined;
  /** The facts for a session in a request with cookies; undefined without cookies. */
  browser?: BrowserRequest | undefined;
}

/** The request of a credential, because some credentials are valid for one request only. */
export interface PresentedRequest {
  method: string;
  /** As sent. */
  target: string;
  /** In lower case, with its port. */
  host: string;
  /** Whether the configuration names this host, so that it is surely ours. */
  isOwnHost: boolean;
  /** Whether it has or may have content: the content of a chunked request comes later. */
  hasContent: boolean;
}

/** The fields of a request with cookies that show which page caused it. */
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
  /** Other origins whose pages may send requests with the session. */
  trustedOrigins: readonly string[];
}

export interface WayIn<C = unknown> {
  readonly name: AuthenticationMethod;
  /** With an article, for messages: `an API key`. */
  readonly description: string;
  /** The credential of this kind; undefined if the request has none. */
  find(presented: Presented): C | undefined;
  /**
   * Returns the principal of a credential in `presented`: the same object until something about the caller
   * changes. Returns a promise only if something must be claimed first. Throws or rejects with
   * `credential_malformed`, `credential_invalid`, `token_expired`, `client_certificate_invalid`,
   * `dpop_proof_invalid`, `dpop_nonce_required`, `nonce_stale`, `signature_invalid` or `unavailable`.
   */
  authenticate(credential: C, presented: Presented): Principal | Promise<Principal>;
  /**
   * Returns the current state of a principal from `authenticate`. Throws if its credential was revoked. If
   * the credential has only expired, running requests continue.
   */
  current(principal: Principal, presented: Pick<Presented, 'certificate'>): Principal;
  /**
   * Whether its accepted credential is accepted again from the same address within the same second, if no
   * section changes. Default: no.
   */
  isRepeatable?(principal: Principal): boolean;
  /** The challenges of RFC 9110 §11.6.1 for a 401 with this code; undefined if HTTP has none. */
  challenge(code: ErrorCode): string | undefined;
}
