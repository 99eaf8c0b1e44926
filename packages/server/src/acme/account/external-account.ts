// External account bindings (RFC 8555 §7.3.4): keys that tie an ACME account to a user or service of
// identity. A key binds any number of accounts until it is removed. Accounts that are already bound stay
// bound. The secrets are sealed in the key store.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Owner } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { KeyStore } from '../../platform/keys/key-store.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import { acmeEvent } from '../events.ts';
import type { RandomBytes } from '../ids.ts';
import { AcmeError } from '../problem.ts';
import type { AccountKey } from '../request/account-key.ts';
import { readAccountKey } from '../request/account-key.ts';
import { jsonPayload, readJws, requireMembers } from '../request/jws.ts';
import type { AcmeStore } from '../store/store.ts';
import type { EabKey, Owners } from '../types.ts';
import type { ActiveAccounts } from './active-accounts.ts';

export interface ExternalAccounts {
  /**
   * Creates a key for the user or, if there is none, the service of that name. Only the result has the MAC
   * key in clear, in base64url.
   */
  create(name: string, actor: Actor): Promise<EabKey & { hmacKey: string }>;
  list(): Promise<EabKey[]>;
  /** Throws `not_found`. */
  remove(kid: string, actor: Actor): Promise<void>;
  /** Removes all keys of an owner, in the transaction that removes the owner. */
  removeOf(tx: Tx, owner: Owner, actor: Actor): Promise<void>;
  /**
   * The key of the binding in a newAccount request. Throws `malformed`, `unauthorized`,
   * `badSignatureAlgorithm`.
   */
  verify(binding: unknown, request: { url: string; key: AccountKey }): Promise<EabKey>;
}

export interface ExternalAccountDeps {
  database: Database;
  store: AcmeStore;
  keyStore: KeyStore;
  owners: Pick<Owners, 'resolve'>;
  activeAccounts: Pick<ActiveAccounts, 'requireOwner'>;
  events: Events;
  clock: Clock;
  randomBytes: RandomBytes;
}

const KID_BYTES = 12;
const SECRET_BYTES = 32;
const ALGORITHM = 'HS256';

export function createExternalAccounts(deps: ExternalAccountDeps): ExternalAccounts {
  const { database, store, keyStore, owners, events, clock, randomBytes } = deps;

  async function removeKey(tx: Tx, { kid, owner }: EabKey, actor: Actor): Promise<void> {
    await store.deleteEabKey(tx, kid);
    await keyStore.remove(tx, secretName(kid));
    await events.publish(tx, acmeEvent('eab_removed', actor, kid, { owner: { ...owner } }));
  }

  return {
    list: () => store.eabKeys(database.read),
    async create(name, actor) {
      // People give both as arguments of commands. With a hyphen at the beginning, they would be options.
      const kid = Buffer.from(randomBytes(KID_BYTES)).toString('hex');
      const secret = drawSecret(randomBytes);
      const storeSecret = await keyStore.seal(secretName(kid), secret);
      const key = await database.write(async (tx) => {
        const created: EabKey = {
          kid,
          owner: await owners.resolve(tx, name, undefined),
          createdAt: clock.now(),
        };
        await storeSecret(tx);
        await store.insertEabKey(tx, created);
        await events.publish(tx, acmeEvent('eab_created', actor, kid, { owner: { ...created.owner } }));
        return created;
      });
      return { ...key, hmacKey: Buffer.from(secret).toString('base64url') };
    },
    async remove(kid, actor) {
      await database.write(async (tx) => {
        const key = await store.eabKey(tx, kid);
        if (!key) throw new GatehouseError('not_found', `There is no external account key ${kid}.`);
        await removeKey(tx, key, actor);
      });
    },
    async removeOf(tx, owner, actor) {
      for (const key of await store.eabKeysOf(tx, owner)) await removeKey(tx, key, actor);
    },
    async verify(binding, { url, key }) {
      const jws = readJws(binding, '"externalAccountBinding"');
      const header = requireMembers(jws, { texts: ['alg', 'kid', 'url'], absent: ['nonce'] });
      if (header.alg !== ALGORITHM) {
        throw new AcmeError('badSignatureAlgorithm', `An external account binding must use ${ALGORITHM}.`, {
          algorithms: [ALGORITHM],
        });
      }
      if (header.url !== url) throw refused('is for another URL');
      if (readAccountKey(jsonPayload(jws)).thumbprint !== key.thumbprint)
        throw refused('is for another account key');
      const eabKey = await store.eabKey(database.read, header.kid);
      const secret = await keyStore.load(secretName(header.kid));
      if (!eabKey || !secret || !macFits(jws, secret)) throw refused('does not verify with the key in "kid"');
      await deps.activeAccounts.requireOwner(eabKey.owner);
      return eabKey;
    },
  };
}

/** Never returns a text that begins with a hyphen. */
function drawSecret(randomBytes: RandomBytes): Uint8Array {
  const secret = randomBytes(SECRET_BYTES);
  return Buffer.from(secret).toString('base64url').startsWith('-') ? drawSecret(randomBytes) : secret;
}

function secretName(kid: string): string {
  return `acme/eab/${kid}`;
}

function macFits(
  { signingInput, signature }: { signingInput: Buffer; signature: Buffer },
  secret: Uint8Array,
): boolean {
  const mac = createHmac('sha256', secret).update(signingInput).digest();
  return mac.length === signature.length && timingSafeEqual(mac, signature);
}

function refused(problem: string): AcmeError {
  return new AcmeError('unauthorized', `The external account binding ${problem}.`);
}
