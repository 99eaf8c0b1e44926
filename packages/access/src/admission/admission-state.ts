// The input of admission, and its results.
import type { PresentedCertificate } from '../credentials/client-certificate.ts';
import type { ConnectionSecurity } from '../policy/policy.ts';
import type { Principal } from '../principals/principal.ts';
import type { GatewayRoute } from '../routes/route-table.ts';
import type { ClaimedCredential } from '../ways-in/claimed-credential.ts';
import type { BrowserRequest } from '../ways-in/way-in.ts';

/** The parts of a syntactically valid request that admission reads. */
export interface AdmissionRequest {
  method: string;
  /** In lower case, with its port: `localhost:8443`. */
  host: string;
  /** As sent. */
  target: string;
  /** Canonical. */
  path: string;
  authorization: string | undefined;
  apiKey: string | undefined;
  /** The header field DPoP (RFC 9449 §4.1). */
  dpop: string | undefined;
  /** Whether it has or may have content: the content of a chunked request comes later. */
  hasContent: boolean;
  /** For a request with cookies. */
  browser?: Omit<BrowserRequest, 'trustedOrigins'> | undefined;
  /** Whether a browser shows the answer to a person, who can sign in at this host. */
  canSignIn?(): boolean;
}

/** The state of a request so far. Admission fills in the fields that are not readonly. */
export interface AdmissionState {
  readonly requestId: string;
  /** The peer's IP address. */
  readonly address: string;
  /** The client certificate of the connection. */
  readonly presented: PresentedCertificate | undefined;
  readonly method: string;
  /** In lower case, with its port. */
  readonly host: string;
  /** Names and values of the header fields in turn. */
  readonly fields: readonly string[];
  /** Undefined on a connection without TLS. */
  readonly tls: Pick<ConnectionSecurity, 'version' | 'group'> | undefined;
  /** Canonical once known; never with a query. */
  path: string;
  /** As sent, with its `?`; empty without one, and until it is known. */
  query: string;
  route: GatewayRoute | undefined;
  principal: Principal | undefined;
  decision: 'allowed' | 'denied' | 'refused';
  /**
   * Whether the same request from the same address would be allowed again in the same second, if no section
   * changes. That is so if no part of it can be used only once.
   */
  isRepeatable: boolean;
  /** The credential of a request that was denied. */
  claimed: ClaimedCredential | undefined;
  /** The reason why the request was denied, refused or aborted. For the log only. */
  reason: string | undefined;
  /** The policies that denied it, and those with a recorded alarm. For the log only. */
  policies: readonly string[] | undefined;
}
