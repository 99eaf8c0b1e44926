// Signed requests (RFC 9421) by the public keys of services. A signature covers at least the method, the
// authority, the path, the query and, if there is a body, its digest; it is new, and is accepted once. It
// covers path and query in the client's spelling. The gateway authorises and forwards the canonical form of
// the same target. The body itself is checked later, before it is forwarded.
import type { MessageSignature, MessageVerifier, RequestMessage } from '@gatehouse/protocol';
import {
  importVerifyingKey,
  MessageSignatureError,
  readSignatures,
  verifySignature,
} from '@gatehouse/protocol';
import type { ClaimOutcome, Claims } from '../admission/claims.ts';
import { uncertain } from '../admission/claims.ts';
import type { Clock } from '../clock.ts';
import { numericDate } from '../clock.ts';
import type { TokenTrust } from '../credentials/access-token.ts';
import type { AddressSet } from '../credentials/address-set.ts';
import { createAddressSet } from '../credentials/address-set.ts';
import { createNonces } from '../credentials/server-nonce.ts';
import type { ErrorCode } from '../errors/errors.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Principal } from '../principals/principal.ts';
import type { KeyFacts, Principals, ServiceFacts } from '../principals/principals.ts';
import { withFacts } from '../principals/with-facts.ts';
import { isSigned } from './header-field.ts';
import { requireEnabled, requireUnexpired, wrongAddress } from './key-checks.ts';
import type { Presented, PresentedRequest, WayIn } from './way-in.ts';

/** Which signed requests are accepted. */
export interface SignatureTrust {
  /** How far `created` may differ from the time of the gateway, in either direction. */
  maxAgeSeconds: number;
  /**
   * A NumericDate. Earlier signatures are refused, because after a restart it is unknown which of them were
   * used.
   */
  notBefore: number;
  /**
   * The key for the nonces that are required after the clock was set back. All processes have the same key.
   */
  nonceKey: Uint8Array;
  /** The run of the clock in which that key was made. */
  run: number;
}

export interface SignatureDeps {
  principals: Pick<Principals, 'keys' | 'services'>;
  trust: SignatureTrust;
  /** `audience` is the URL of the gateway. */
  tokens: Pick<TokenTrust, 'audience'>;
  claims: Claims;
  clock: Clock;
}

/**
 * The components that a signature must cover. Without a body, the digest is not required.
 * @example
 * const fields = await signMessage(request, key, { components: SIGNED_COMPONENTS, keyid, created, nonce });
 */
export const SIGNED_COMPONENTS: readonly string[] = [
  '@method',
  '@authority',
  '@path',
  '@query',
  'content-digest',
];

/** Without a body, there is nothing to replace. */
const WITHOUT_CONTENT = SIGNED_COMPONENTS.filter((name) => name !== 'content-digest');

/** RFC 9421 §5. */
const ACCEPT_SIGNATURE = `sig1=(${SIGNED_COMPONENTS.map((name) => `"${name}"`).join(' ')});created`;

const NONCE_MAX_LENGTH = 256;
const WHAT = 'The key';

/** A key, created from its facts and ready for use. */
interface KnownKey {
  verifier: Promise<MessageVerifier>;
  service: ServiceFacts | undefined;
  principal: Principal;
  /** Undefined: all addresses. */
  from: AddressSet | undefined;
}

export interface SignatureWay extends WayIn<readonly string[]> {
  /**
   * The value of Accept-Signature in a 401. The client chooses the nonce, which the field cannot express,
   * except if the error requires one of our nonces.
   */
  acceptSignature(code: ErrorCode): string;
}

/** `principals` may change during use. */
export function signatureWay({ principals, trust, tokens, claims, clock }: SignatureDeps): SignatureWay {
  const { keys, services } = principals;
  const known = new WeakMap<KeyFacts, KnownKey>();
  const ownHosts = hostsOf(tokens.audience);
  const nonces = createNonces(trust.nonceKey, clock);

  function keyOf(id: string, facts: KeyFacts): KnownKey {
    const service = services.get(facts.name);
    const found = known.get(facts);
    // A change replaces the facts object.
    if (found?.service === service && found) return found;
    const { addresses, publicKey = {} } = facts;
    const verifier = found?.verifier ?? importVerifyingKey(publicKey);
    verifier.catch(() => {}); // the use of the key reports it
    const from = addresses && createAddressSet(addresses);
    const fresh = { verifier, service, principal: principalOf(id, facts, service), from };
    known.set(facts, fresh);
    return fresh;
  }

  /** The only signature with one of our keys. Other signatures may be for the upstream. */
  function ownSignature(fields: readonly string[]): OwnSignature {
    const own = readSignatures(fields).flatMap((signature) => {
      const facts = keys.get(signature.keyid ?? '');
      return facts?.publicKey ? [{ signature, facts }] : [];
    });
    const [first, ...others] = own;
    if (!first) throw unknownKey();
    if (others.length > 0)
      throw refused('The request has several signatures by keys of this server: send only one.');
    return first;
  }

  async function verify(fields: readonly string[], presented: Presented): Promise<Principal> {
    const { signature, facts } = ownSignature(fields);
    const { keyid: id = '', created = 0, nonce = '' } = signature;
    const { verifier, principal, from, service } = keyOf(id, facts);
    requireEnabled(facts.name, service);
    requireUnexpired(facts, clock.now(), WHAT);
    if (from?.has(presented.address) === false) throw wrongAddress(WHAT);
    requireOwnHost(presented.request);
    const { maxAgeSeconds } = trust;
    await verifySignature(signature, messageOf(presented.request, fields), {
      key: await verifier,
      policy: {
        components: presented.request.hasContent ? SIGNED_COMPONENTS : WITHOUT_CONTENT,
        now: numericDate(clock),
        maxAgeSeconds,
        maxSkewSeconds: maxAgeSeconds,
        requireNonce: true,
      },
    });
    if (nonce.length > NONCE_MAX_LENGTH) throw refused(`A nonce has at most ${NONCE_MAX_LENGTH} characters.`);
    if (created < trust.notBefore) throw fromBefore();
    const run = nonces.endOf(nonce) === undefined ? undefined : trust.run;
    const outcome = await claims.claim({
      key: `signature:${id}:${nonce}`,
      party: facts.name,
      madeAt: created * 1000,
      expiresAt: (created + maxAgeSeconds + 1) * 1000,
      run,
    });
    // Our own nonce shows that the signature is new, also if the clock was set back.
    if (outcome === 'forgotten' && run === undefined) throw nonceRequired();
    requireFirst(outcome);
    return principal;
  }

  /** The Host field must not make a request for another server valid here. */
  function requireOwnHost({ host, isOwnHost }: PresentedRequest): void {
    if (isOwnHost || ownHosts.includes(host)) return;
    throw refused(`Use the URL of this server: ${tokens.audience}.`);
  }

  return {
    name: 'signature',
    description: 'a signature of the request',
    find: ({ fields }) => (isSigned(fields) ? fields : undefined),
    async authenticate(fields, presented) {
      try {
        return await verify(fields, presented);
      } catch (error) {
        if (error instanceof MessageSignatureError) throw refused(error.message, { cause: error });
        throw error;
      }
    },
    current(principal) {
      const facts = keys.get(principal.keyId ?? '');
      if (!facts?.publicKey) throw unknownKey();
      const service = services.get(facts.name);
      requireEnabled(facts.name, service);
      return withFacts({ ...principal, roles: facts.roles }, { attributes: service?.attributes });
    },
    // The field Accept-Signature has the required components.
    challenge: () => 'Signature realm="gatehouse"',
    acceptSignature: (code) =>
      code === 'signature_nonce_required'
        ? `${ACCEPT_SIGNATURE};nonce="${nonces.create()}"`
        : ACCEPT_SIGNATURE,
  };
}

interface OwnSignature {
  signature: MessageSignature;
  facts: KeyFacts;
}

function messageOf({ method, target, host }: PresentedRequest, fields: readonly string[]): RequestMessage {
  return { method, target, authority: host, fields };
}

function principalOf(
  id: string,
  { name, roles, scopes = [] }: KeyFacts,
  service: ServiceFacts | undefined,
): Principal {
  const principal: Principal = {
    kind: 'service',
    name,
    roles,
    scopes,
    amr: ['pop'],
    via: 'signature',
    keyId: id,
  };
  return withFacts(principal, { attributes: service?.attributes });
}

function nonceRequired(): GatehouseError {
  return new GatehouseError(
    'signature_nonce_required',
    'The clock of this server was set back: sign the request again, with the nonce in Accept-Signature.',
  );
}

function requireFirst(outcome: ClaimOutcome): void {
  if (outcome === 'first') return;
  if (outcome === 'again') throw refused('The nonce was used before: choose a new one for each request.');
  throw uncertain(outcome, 'This caller signed too many requests within a minute: try again.');
}

/** The host of the URL, with and without its default port. A server on this machine has three names. */
function hostsOf(url: string): readonly string[] {
  const { hostname, port } = new URL(url);
  const names = hostname === 'localhost' ? ['localhost', '127.0.0.1', '[::1]'] : [hostname];
  return names.flatMap((name) => (port === '' ? [name, `${name}:443`] : [`${name}:${port}`]));
}

function unknownKey(): GatehouseError {
  return new GatehouseError(
    'credential_invalid',
    'No key of this server has signed the request: the key is unknown or was revoked.',
  );
}

function fromBefore(): GatehouseError {
  return refused('The signature is from before the last start of this server: make a new one.');
}

function refused(detail: string, options?: ErrorOptions): GatehouseError {
  return new GatehouseError('signature_invalid', detail, options);
}
