// All ways in, in the order in which they are tried. A credential in a header field is explicit, so it takes
// precedence over a session, because a browser always sends that cookie. A session takes precedence over the
// client certificate. Credentials are never combined: if the first one is refused, the next one is not tried.
// If a credential and the certificate are accepted but name different callers, the request is refused.
import type { Claims } from '../admission/claims.ts';
import type { Clock } from '../clock.ts';
import type { TokenTrust } from '../credentials/access-token.ts';
import type { PresentedCertificate } from '../credentials/client-certificate.ts';
import { isIssuedHere } from '../credentials/issued-here.ts';
import type { ErrorCode } from '../errors/errors.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { AuthenticationMethod, Principal } from '../principals/principal.ts';
import type { Principals } from '../principals/principals.ts';
import { apiKeyWay } from './api-key.ts';
import { basicWay } from './basic.ts';
import { bearerWay } from './bearer.ts';
import type { DigestTrust } from './digest.ts';
import { digestWay } from './digest.ts';
import type { DpopTrust } from './dpop.ts';
import { createProofRedeemer } from './dpop.ts';
import { requireOneCredential, requireUnsigned } from './header-field.ts';
import type { ClientTrust } from './mtls.ts';
import { mtlsWay } from './mtls.ts';
import { sessionWay } from './session.ts';
import type { SignatureTrust } from './signature.ts';
import { signatureWay } from './signature.ts';
import type { Presented, WayIn } from './way-in.ts';

/** Finds the caller. */
export interface WaysIn {
  /**
   * The caller, by one of the ways in `accept`. Throws `unauthenticated` without a credential, and otherwise
   * the error of the way in. Returns a promise only if something must be claimed first.
   */
  identify(presented: Presented, accept: readonly AuthenticationMethod[]): Principal | Promise<Principal>;
  /** The current state of a principal from `identify`. Throws if its credential was revoked. */
  current(principal: Principal, presented: Pick<Presented, 'certificate'>): Principal;
  /**
   * Whether the credential of a principal from `identify` is accepted again from the same address within the
   * same second, if no section changes. The connection must have no certificate.
   */
  isRepeatable(principal: Principal): boolean;
  /**
   * The challenges of a 401 (RFC 9110 §11.6.1), one for each way in `accept`; default: the ways in header
   * fields. A 401 must have a challenge. If HTTP has none for the accepted ways, this names the client
   * certificate.
   */
  challenge(code: ErrorCode, accept?: readonly AuthenticationMethod[]): string;
  /**
   * The value of DPoP-Nonce for an answer to a request with a proof (RFC 9449 §9); undefined if proofs need
   * no nonce. Default: as configured.
   */
  dpopNonce(isRequired?: boolean): string | undefined;
  /** The value of Accept-Signature for a 401 with this code: what the client must sign (RFC 9421 §5). */
  acceptSignature(code: ErrorCode): string;
  /** Whether the connection of this client certificate must end. */
  isRevoked(certificate: PresentedCertificate | undefined): boolean;
  /**
   * Whether the value of Authorization or X-API-Key looks like a credential from this server, valid or not.
   * Such a value is never forwarded.
   */
  issuedHere(value: string): boolean;
}

/** The data that the ways in use. */
export interface WaysInDeps {
  principals: Principals;
  trust: ClientTrust;
  tokens: TokenTrust;
  digest: DigestTrust;
  dpop: DpopTrust;
  signatures: SignatureTrust;
  claims: Claims;
  clock: Clock;
}

/**
 * The ways in with a credential in Authorization or X-API-Key.
 * @example
 * const isOwn = IN_HEADER_FIELDS.includes(principal.via);
 */
export const IN_HEADER_FIELDS: readonly AuthenticationMethod[] = ['bearer', 'apiKey', 'basic', 'digest'];
/** The offer of a 401 without a route. */
const USUAL_CHALLENGES: readonly AuthenticationMethod[] = ['bearer', 'apiKey'];

/**
 * `principals` and `trust` may change during use, but not `tokens`.
 * @example
 * const waysIn = createWaysIn({ principals, trust, tokens, digest, dpop, signatures, claims, clock });
 * const principal = await waysIn.identify(presented, ['bearer', 'apiKey']);
 */
export function createWaysIn(deps: WaysInDeps): WaysIn {
  const { principals, trust, tokens, digest, dpop, signatures, claims, clock } = deps;
  const mtls = mtlsWay(trust, principals, clock);
  const proofs = createProofRedeemer({ claims, tokens, trust: dpop, clock });
  const requireCertificate = mtls.authenticate;
  const session = sessionWay(principals, clock);
  const signature = signatureWay({ principals, trust: signatures, tokens, claims, clock });
  const ways: readonly WayIn[] = [
    bearerWay({ principals, trust: tokens, proofs, requireCertificate, clock }),
    apiKeyWay(principals, clock),
    basicWay(principals, clock),
    digestWay({ principals, trust: digest, claims, clock }),
    signature,
    session,
    mtls,
  ] as readonly WayIn[];
  const byName = new Map<string, WayIn>(ways.map((way) => [way.name, way]));

  /**
   * Throws `credential_invalid` if the certificate of the connection is also accepted and names another
   * caller.
   */
  function requireAgreement(
    principal: Principal,
    presented: Presented,
    accept: readonly AuthenticationMethod[],
  ): Principal {
    const { certificate } = presented.certificate ?? {};
    if (!certificate || principal.via === 'mtls' || !accept.includes('mtls')) return principal;
    const { kind, name } = certificate.owner;
    if (kind === principal.kind && name === principal.name) return principal;
    // A token that is bound to the client's own certificate may be for another subject (RFC 8705 §3).
    if (principal.certificateThumbprint === certificate.thumbprint) return principal;
    throw disagreement(kind, name);
  }

  return {
    identify(presented, accept) {
      // If the route accepts no header field, its value is for the upstream.
      if (accept.some((name) => IN_HEADER_FIELDS.includes(name))) {
        requireOneCredential(presented);
        if (accept.includes('signature')) requireUnsigned(presented);
      }
      let refused: WayIn | undefined;
      for (const way of ways) {
        const credential = way.find(presented);
        if (credential === undefined) continue;
        if (accept.includes(way.name)) {
          const found = way.authenticate(credential, presented);
          return found instanceof Promise
            ? found.then((principal) => requireAgreement(principal, presented, accept))
            : requireAgreement(found, presented, accept);
        }
        refused ??= way;
      }
      // Browsers send these two automatically.
      const isMeant = refused && refused !== mtls && refused !== session;
      throw refused && isMeant ? notAccepted(refused, accept) : nothingSent(ways, accept);
    },
    current: (principal, presented) => byName.get(principal.via)?.current(principal, presented) ?? principal,
    isRepeatable: (principal) => byName.get(principal.via)?.isRepeatable?.(principal) === true,
    challenge(code, accept = USUAL_CHALLENGES) {
      // Some clients read only the first scheme, and clients with a token need no challenge.
      const inOrder = accept.toSorted((one, other) => Number(other === 'digest') - Number(one === 'digest'));
      const challenges = inOrder.flatMap((name) => byName.get(name)?.challenge(code) ?? []);
      return challenges.join(', ') || 'ClientCertificate realm="gatehouse"';
    },
    dpopNonce: proofs.nonce,
    acceptSignature: signature.acceptSignature,
    isRevoked: mtls.isRevoked,
    issuedHere: (value) => isIssuedHere(value, tokens.issuer),
  };
}

const EITHER = new Intl.ListFormat('en-GB', { type: 'disjunction' });

function nothingSent(ways: readonly WayIn[], accept: readonly AuthenticationMethod[]): GatehouseError {
  const wanted = ways.filter(({ name }) => accept.includes(name)).map(({ description }) => description);
  return new GatehouseError('unauthenticated', `Send ${EITHER.format(wanted)}.`);
}

function disagreement(kind: string, name: string): GatehouseError {
  return new GatehouseError(
    'credential_invalid',
    `The credential and the client certificate, of the ${kind} ${name}, name different callers: send one of them.`,
  );
}

function notAccepted({ description }: WayIn, accept: readonly AuthenticationMethod[]): GatehouseError {
  return new GatehouseError(
    'credential_invalid',
    `This route does not accept ${description}: use ${accept.join(' or ')}.`,
  );
}
