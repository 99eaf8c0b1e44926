// Signing keys: one signs, the next is published before it signs, and the last verifies until its signatures
// have expired.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import type { SigningKeys } from '../../src/keyring/index.ts';
import { createKeyring } from '../../src/keyring/keyring.ts';
import { readSigningKey } from '../../src/keyring/signing-key.ts';
import type { Actor } from '../../src/platform/feed/events.ts';
import { refusal } from '../support/errors.ts';
import { createStore, type TestStore } from '../support/store.ts';

const actor: Actor = { kind: 'user', name: 'admin', address: '127.0.0.1' };
const USE = { name: 'access-token', firstSecret: 'identity/token-signing-key', lifetimeSeconds: 900 };
const PUBLISH_SECONDS = 300;
const SKEW_SECONDS = 120;

async function openKeyring(store: TestStore) {
  const keyring = createKeyring(store, PUBLISH_SECONDS);
  await store.feed.project(keyring.projection);
  return { keyring, keys: await keyring.use(USE) };
}

async function setUp(t: TestContext) {
  const store = await createStore(t);
  return { ...store, store, ...(await openKeyring(store)) };
}

function published({ keySet }: SigningKeys): (string | undefined)[] {
  return keySet.keys.map(({ kid }) => kid);
}

describe('the keyring', () => {
  it('creates the first key of a use once, and loads it again', async (t) => {
    const { store, keys } = await setUp(t);
    const { keys: again } = await openKeyring(store);
    assert.equal(again.current.kid, keys.current.kid);
    assert.deepEqual(published(again), [keys.current.kid]);
  });

  it('takes over the key that an older version stored, in PEM or in DER', async (t) => {
    const store = await createStore(t);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const { kid } = await readSigningKey(privateKey.export({ type: 'pkcs8', format: 'der' }));
    await store.keyStore.loadOrCreate(USE.firstSecret, () => pem);
    const { keys } = await openKeyring(store);
    assert.equal(keys.current.kid, kid);
  });

  it('has only public keys in the key set, each with its thumbprint as id (RFC 7517, RFC 7638)', async (t) => {
    const { keys } = await setUp(t);
    const [key] = keys.keySet.keys;
    assert.deepEqual(Object.keys(key ?? {}).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });

  it('publishes a new key before it signs, and the old key until its signatures have expired', async (t) => {
    const { keyring, keys, clock } = await setUp(t);
    const first = keys.current.kid;
    await keyring.rotate({ use: USE.name, leaked: false, actor });
    const [, second] = published(keys);
    assert.equal(keys.current.kid, first);

    clock.advance(PUBLISH_SECONDS - 1);
    await keyring.advance();
    assert.equal(keys.current.kid, first);

    clock.advance(1);
    await keyring.advance();
    assert.equal(keys.current.kid, second);
    assert.deepEqual(published(keys), [first, second]);

    clock.advance(USE.lifetimeSeconds + SKEW_SECONDS - 1);
    await keyring.advance();
    assert.deepEqual(published(keys), [first, second]);

    clock.advance(1);
    await keyring.advance();
    assert.deepEqual(published(keys), [second]);
  });

  it('replaces a leaked key at once, also one that was only published, and destroys it', async (t) => {
    const { keyring, keys, keyStore } = await setUp(t);
    const first = keys.current.kid;
    await keyring.rotate({ use: USE.name, leaked: false, actor });
    const [, second] = published(keys);
    await keyring.rotate({ use: USE.name, leaked: true, actor });
    assert.ok(![first, second].includes(keys.current.kid));
    assert.deepEqual(published(keys), [keys.current.kid]);
    assert.equal(await keyStore.load(USE.firstSecret), undefined);
    assert.equal(await keyStore.load(`keyring/access-token/${second}`), undefined);
  });

  it('records every step in the ledger, with the use and the id of the key', async (t) => {
    const { keyring, keys, clock, published: events } = await setUp(t);
    const first = keys.current.kid;
    await keyring.rotate({ use: USE.name, leaked: false, actor });
    const [, second] = published(keys);
    clock.advance(PUBLISH_SECONDS);
    await keyring.advance();
    clock.advance(USE.lifetimeSeconds + SKEW_SECONDS);
    await keyring.advance();
    assert.deepEqual(
      events.map(({ type, subject, data, actor: by }) => [type, subject, data.kid, by.name]),
      [
        ['keyring.key_created', USE.name, first, 'gatehouse'],
        ['keyring.key_created', USE.name, second, 'admin'],
        ['keyring.key_put_in_force', USE.name, second, 'gatehouse'],
        ['keyring.key_removed', USE.name, first, 'gatehouse'],
      ],
    );
  });

  it('continues after a restart in the middle of a rotation', async (t) => {
    const { store, keyring, keys, clock } = await setUp(t);
    await keyring.rotate({ use: USE.name, leaked: false, actor });
    const [, second] = published(keys);
    clock.advance(PUBLISH_SECONDS);
    const after = await openKeyring(store);
    await after.keyring.advance();
    assert.equal(after.keys.current.kid, second);
  });

  it('refuses a second rotation until the new key signs, and an unknown use', async (t) => {
    const { keyring } = await setUp(t);
    await keyring.rotate({ use: USE.name, leaked: false, actor });
    const again = keyring.rotate({ use: USE.name, leaked: false, actor });
    await assert.rejects(again, refusal('conflict', /already published/));
    const unknown = keyring.rotate({ use: 'cookies', leaked: false, actor });
    await assert.rejects(unknown, refusal('not_found', /give one of access-token.*also takes master-key/));
  });
});
