import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createOfferSecrets, createOffers } from '../src/encrypted-channel/offers.ts';
import { backEnds } from './support/back-ends.ts';

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MINUTE = 60_000;

for (const { name, primitives } of backEnds) {
  suite(`offers on ${name}`, () => {
    const random = primitives.randomBytes;

    test('have different ids in the form of a UUIDv4 and different keys (RFC 9562 §5.4)', async () => {
      const offers = createOffers({ clock: () => 0, random, primitives, secrets: () => [secret(random)] });
      const made = await Promise.all(Array.from({ length: 50 }, () => offers.make()));
      for (const { clientId } of made) assert.match(clientId, UUID4);
      assert.equal(new Set(made.map(({ clientId }) => clientId)).size, 50);
      assert.equal(new Set(made.map(({ keyPair }) => keyPair.publicKey.toHex())).size, 50);
    });

    test('are accepted by every process with the same secret, and by no other', async () => {
      const shared = [secret(random)];
      const offersOf = (secrets: { secret: Uint8Array; endsAt: number }[]) =>
        createOffers({ clock: () => 0, random, primitives, secrets: () => secrets });
      const offer = await offersOf(shared).make();
      const found = await offersOf([secret(random), ...shared]).find(offer.clientId);
      assert.deepEqual(found?.keyPair.publicKey, offer.keyPair.publicKey);
      assert.equal(await offersOf([secret(random)]).find(offer.clientId), undefined);
    });

    test('are refused with any other bit in the id', async () => {
      const secrets = [secret(random)];
      const deps = { clock: () => 0, random, primitives, secrets: () => secrets };
      const { clientId } = await createOffers(deps).make();
      const other = createOffers(deps);
      const digits = [...clientId];
      for (const [index, digit] of digits.entries()) {
        if (digit === '-') continue;
        const changed = (Number.parseInt(digit, 16) ^ 1).toString(16);
        assert.equal(await other.find(digits.with(index, changed).join('')), undefined, `digit ${index}`);
      }
    });
  });
}

test('a secret is replaced in time, and its offers are accepted until its successor is replaced', async () => {
  const [node] = backEnds;
  assert.ok(node);
  const { primitives } = node;
  const random = primitives.randomBytes;
  let now = 0;
  const clock = () => now;
  const offers = createOffers({
    clock,
    random,
    primitives,
    secrets: createOfferSecrets({ clock, random }, 60),
  });
  const first = await offers.make();
  assert.equal(first.endsAt, 2 * MINUTE);
  now = MINUTE - 1;
  const second = await offers.make();
  assert.equal(second.endsAt, 2 * MINUTE);
  now = MINUTE;
  const third = await offers.make();
  assert.equal(third.endsAt, 3 * MINUTE);
  now = 2 * MINUTE - 1;
  assert.ok(await offers.find(first.clientId));
  now = 2 * MINUTE;
  assert.equal(await offers.find(first.clientId), undefined);
  assert.equal(await offers.find(second.clientId), undefined);
  assert.ok(await offers.find(third.clientId));
});

test('a clock that was set back gets a new secret', () => {
  let now = 10 * MINUTE;
  const random = (length: number) => new Uint8Array(length).fill(now % 251);
  const secrets = createOfferSecrets({ clock: () => now, random }, 60);
  const [before] = secrets();
  now = MINUTE;
  const [after] = secrets();
  assert.notEqual(after, before);
  assert.equal(after?.endsAt, 3 * MINUTE);
});

function secret(random: (length: number) => Uint8Array) {
  return { secret: random(32), endsAt: 1000 };
}
