// A way in: one kind of credential, from finding it in a request to the principal that it stands for. Everything that is known of a
// kind of credential is in its one object.
import type { PresentedCertificate } from '../../platform/client-certificate.ts';
import type { ErrorCode } from '../../platform/errors.ts';
import type { AuthenticationMethod, Principal } from '../../platform/principal.ts';

/** What a request shows of its sender. */
export interface Presented {
  /** The field Authorization. */
  authorization: string | undefined;
  /** The field X-API-Key. */
  apiKey: string | undefined;
  /** The client certificate of its connection. */
  certificate: PresentedCertificate | undefined;
}

export interface WayIn<C = unknown> {
  readonly name: AuthenticationMethod;
  /** With an article, for people: `an API key`. */
  readonly description: string;
  /** The credential of this kind; undefined where the request has none. */
  find(presented: Presented): C | undefined;
  /**
   * The principal of a credential. Synchronous where the answer is known, so that the common request waits for nothing.
   * Throws (or rejects with) `credential_malformed`, `credential_invalid`, `token_expired` or `client_certificate_invalid`.
   */
  authenticate(credential: C): Principal | Promise<Principal>;
  /**
   * A principal of `authenticate`, as it is now. Throws when its credential was revoked; one that has only expired since was good for
   * what it began.
   */
  current(principal: Principal, presented: Pick<Presented, 'certificate'>): Principal;
  /** The challenge of RFC 9110 §11.6.1 for a 401 of this code; undefined where HTTP has none. */
  challenge(code: ErrorCode): string | undefined;
}
