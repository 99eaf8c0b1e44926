// Authenticates a request (RFC 8555 §6.2–§6.5). Its JWS must be for this server and exactly its target, have
// one of our unused nonces, and be signed by the key of an active account, or by the key in its header.
import type { AccountCache, KnownAccount } from '../account/account-cache.ts';
import type { ActiveAccounts } from '../account/active-accounts.ts';
import { AcmeError } from '../problem.ts';
import type { Account } from '../types.ts';
import type { Urls } from '../urls.ts';
import type { AccountKey } from './account-key.ts';
import { readAccountKey, SIGNATURE_ALGORITHMS, verifySignature } from './account-key.ts';
import type { Jws } from './jws.ts';
import { parseJws, requireMembers } from './jws.ts';
import type { Nonces } from './nonces.ts';
import type { SignedCall } from './reply.ts';

/** A request whose signature was verified. */
export interface SignedRequest {
  call: SignedCall;
  /** The URL as the client signed it. */
  url: string;
  key: AccountKey;
  /** Octets; empty in a POST-as-GET (RFC 8555 §6.3). */
  payload: Buffer;
}

export interface AccountRequest extends SignedRequest {
  account: Account;
}

export interface Gate {
  /** Signed by the key of an account, which `kid` names. */
  byAccount(call: SignedCall): Promise<AccountRequest>;
  /** Signed by the key in `jwk`. */
  byKey(call: SignedCall): Promise<SignedRequest>;
  /** Signed by either. If there is no account, it is the key in `jwk`. */
  byEither(call: SignedCall): Promise<SignedRequest & { account?: Account }>;
}

export interface GateDeps {
  accountCache: AccountCache;
  nonces: Nonces;
  activeAccounts: ActiveAccounts;
}

export function createGate(deps: GateDeps, urls: Urls): Gate {
  function open(call: SignedCall): { jws: Jws; url: string } {
    const jws = parseJws(call.body);
    // "jwk" and "kid" exclude each other (RFC 8555 §6.2).
    const [signer, other] = Object.hasOwn(jws.header, 'kid') ? ['kid', 'jwk'] : ['jwk', 'kid'];
    const { alg, nonce, url } = requireMembers(jws, {
      texts: ['alg', 'nonce', 'url'],
      others: [signer],
      absent: [other],
    });
    requireKnownAlgorithm(alg);
    if (!urls.isFor(url, call.target)) {
      throw new AcmeError(
        'unauthorized',
        `The request is signed for another URL than ${urls.of(call.target)} (RFC 8555 §6.4).`,
      );
    }
    if (!/^[\w-]*$/.test(nonce)) {
      throw new AcmeError('malformed', '"nonce" is not base64url (RFC 8555 §6.5.2).');
    }
    if (!deps.nonces.consume(nonce)) {
      throw new AcmeError(
        'badNonce',
        'The nonce is not from this server, is too old, or was used: try again with the nonce of this answer.',
      );
    }
    return { jws, url };
  }

  async function byKid(call: SignedCall, { jws, url }: { jws: Jws; url: string }): Promise<AccountRequest> {
    const { account, key } = await accountOf(jws.header.kid);
    verifySignature(jws, key);
    // This comes after the signature, because only the holder of the key may learn the account's status.
    await deps.activeAccounts.require(account);
    return { call, url, key, payload: jws.payload, account };
  }

  function byJwk(call: SignedCall, { jws, url }: { jws: Jws; url: string }): SignedRequest {
    const key = readAccountKey(jws.header.jwk);
    verifySignature(jws, key);
    return { call, url, key, payload: jws.payload };
  }

  async function accountOf(kid: unknown): Promise<KnownAccount> {
    const id = typeof kid === 'string' ? urls.accountId(kid) : undefined;
    const known = id === undefined ? undefined : await deps.accountCache.find(id);
    if (known) return known;
    throw new AcmeError('accountDoesNotExist', 'There is no account at the URL in "kid".');
  }

  return {
    async byAccount(call) {
      const opened = open(call);
      if (Object.hasOwn(opened.jws.header, 'kid')) return byKid(call, opened);
      throw new AcmeError('malformed', 'Sign this request as an account: with "kid" instead of "jwk".');
    },
    async byKey(call) {
      const opened = open(call);
      if (Object.hasOwn(opened.jws.header, 'jwk')) return byJwk(call, opened);
      throw new AcmeError('malformed', 'Sign this request with the key in "jwk" instead of "kid".');
    },
    async byEither(call) {
      const opened = open(call);
      return Object.hasOwn(opened.jws.header, 'kid') ? byKid(call, opened) : byJwk(call, opened);
    },
  };
}

/** Checked first, so that a client can choose another algorithm (RFC 8555 §6.2). */
function requireKnownAlgorithm(name: string): void {
  if (SIGNATURE_ALGORITHMS.some((known) => known === name)) return;
  throw new AcmeError('badSignatureAlgorithm', `Sign with one of ${SIGNATURE_ALGORITHMS.join(', ')}.`, {
    algorithms: SIGNATURE_ALGORITHMS,
  });
}
