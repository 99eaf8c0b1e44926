import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  createFernet,
  decodeBase64url,
  encodeBase64url,
  FernetError,
  generateFernetKey,
} from '../src/index.ts';
import { backEnds } from './support/back-ends.ts';
import { missingPyca, runPython } from './support/python.ts';
import { readVectors } from './support/vectors.ts';

interface Vector {
  desc?: string;
  token: string;
  now: string;
  secret: string;
  src: string;
  ttl_sec: number;
  iv: number[];
}

const KEY = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
const TOKEN =
  'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';
const ISSUED = Date.parse('1985-10-26T01:20:00-07:00');
const at = (now: string) => () => Date.parse(now);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const invalidToken = {
  name: 'FernetError',
  code: 'fernet_invalid_token',
  message: 'The token is not valid.',
};

const [generate, verify, invalid] = ['generate', 'verify', 'invalid'].map((name) =>
  readVectors<Vector[]>(`fernet-${name}.json`, 'github.com/fernet/spec'),
);

for (const { name, primitives } of backEnds) {
  suite(`Fernet on ${name}`, () => {
    test('writes the token that the specification prints (Fernet spec, generate)', async () => {
      const random = () => Uint8Array.from({ length: 16 }, (_, index) => index);
      const fernet = createFernet(KEY, { clock: () => ISSUED, random, primitives });
      assert.equal(await fernet.encrypt('hello'), TOKEN);
    });

    test('opens the token that the specification prints (Fernet spec, verify)', async () => {
      const fernet = createFernet(KEY, { clock: () => ISSUED + 1000, primitives });
      assert.equal(text(await fernet.decrypt(TOKEN, { ttlSeconds: 60 })), 'hello');
    });

    test('generates every official token (Fernet spec, generate.json)', {
      skip: generate?.skip,
    }, async () => {
      for (const { now, iv, src, secret, token } of generate?.vectors ?? []) {
        const fernet = createFernet(secret, {
          clock: at(now),
          random: () => Uint8Array.from(iv),
          primitives,
        });
        assert.equal(await fernet.encrypt(src), token);
      }
    });

    test('verifies every official token (Fernet spec, verify.json)', { skip: verify?.skip }, async () => {
      for (const { now, src, secret, token, ttl_sec } of verify?.vectors ?? []) {
        const fernet = createFernet(secret, { clock: at(now), primitives });
        assert.equal(text(await fernet.decrypt(token, { ttlSeconds: ttl_sec })), src);
      }
    });

    test('refuses every official invalid token (Fernet spec, invalid.json)', {
      skip: invalid?.skip,
    }, async () => {
      for (const { desc, now, secret, token, ttl_sec } of invalid?.vectors ?? []) {
        const fernet = createFernet(secret, { clock: at(now), primitives });
        await assert.rejects(fernet.decrypt(token, { ttlSeconds: ttl_sec }), invalidToken, desc);
      }
    });

    test('reads back every message that it wrote (Fernet spec)', async () => {
      const fernet = createFernet(generateFernetKey(), { primitives });
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (message) => {
          assert.deepEqual([...(await fernet.decrypt(await fernet.encrypt(message)))], [...message]);
        }),
        { numRuns: 50 },
      );
    });

    test('refuses a token with any one bit changed (Fernet spec: HMAC over all fields)', async () => {
      const fernet = createFernet(KEY, { clock: () => ISSUED, primitives });
      const length = decodeBase64url(TOKEN).length;
      for (let index = 0; index < length; index += 1) {
        const token = decodeBase64url(TOKEN);
        token[index] = (token[index] ?? 0) ^ (1 << (index % 8));
        await assert.rejects(fernet.decrypt(encodeBase64url(token)), invalidToken);
      }
    });

    test('decrypts nothing before the MAC is checked (Fernet spec, verifying)', async () => {
      let decryptions = 0;
      const aes128Cbc = (key: Uint8Array) => {
        const cipher = primitives.aes128Cbc(key);
        return {
          ...cipher,
          decrypt(iv: Uint8Array, ciphertext: Uint8Array) {
            decryptions += 1;
            return cipher.decrypt(iv, ciphertext);
          },
        };
      };
      const fernet = createFernet(KEY, { clock: () => ISSUED, primitives: { ...primitives, aes128Cbc } });
      const forged = decodeBase64url(TOKEN);
      forged[40] = (forged[40] ?? 0) ^ 1;
      await assert.rejects(fernet.decrypt(encodeBase64url(forged)), invalidToken);
      assert.equal(decryptions, 0);
      await fernet.decrypt(TOKEN);
      assert.equal(decryptions, 1);
    });

    test('compares MACs through the constant-time primitive (Fernet spec, verifying)', async () => {
      const compared: number[] = [];
      const equalInConstantTime = (left: Uint8Array, right: Uint8Array) => {
        compared.push(left.length, right.length);
        return primitives.equalInConstantTime(left, right);
      };
      await createFernet(KEY, { primitives: { ...primitives, equalInConstantTime } }).decrypt(TOKEN);
      assert.deepEqual(compared, [32, 32]);
    });
  });
}

test('gives one indistinguishable error for every failure, its stack included (Fernet spec)', async () => {
  const fernet = createFernet(KEY, { clock: () => ISSUED + 61_000 });
  const wrongMac = decodeBase64url(TOKEN);
  wrongMac[wrongMac.length - 1] = (wrongMac.at(-1) ?? 0) ^ 1;
  const errors: Error[] = [];
  for (const token of ['', '%', 'AAAA', encodeBase64url(wrongMac), TOKEN]) {
    await fernet.decrypt(token, { ttlSeconds: 60 }).catch((error: Error) => errors.push(error));
  }
  assert.equal(errors.length, 5);
  for (const error of errors) {
    assert.ok(error instanceof FernetError);
    assert.equal(error.cause, undefined);
    assert.equal(error.stack?.split('\n')[1], errors[0]?.stack?.split('\n')[1]);
  }
});

test('throws nothing but FernetError for any text (Fernet spec)', async () => {
  const fernet = createFernet(KEY);
  const tokenLike = fc
    .uint8Array({ maxLength: 120 })
    .map((bytes) => encodeBase64url(Uint8Array.of(0x80, ...bytes)));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.base64String(), tokenLike), async (token) => {
      await assert.rejects(fernet.decrypt(token), invalidToken);
    }),
  );
});

test('checks the time of a token only if a ttl is given, as pyca cryptography does', async () => {
  const yearsLater = createFernet(KEY, { clock: () => ISSUED + 1e12 });
  assert.equal(text(await yearsLater.decrypt(TOKEN)), 'hello');
  await assert.rejects(yearsLater.decrypt(TOKEN, { ttlSeconds: 60 }), invalidToken);
  const before = createFernet(KEY, { clock: () => ISSUED - 61_000 });
  assert.equal(text(await before.decrypt(TOKEN)), 'hello');
  await assert.rejects(before.decrypt(TOKEN, { ttlSeconds: 60 }), invalidToken);
});

test('accepts a token to the last second of its ttl and of the clock skew (Fernet spec, verifying)', async () => {
  const opens = (clock: number, ttlSeconds: number, maxClockSkewSeconds?: number) =>
    createFernet(KEY, { clock: () => clock })
      .decrypt(TOKEN, { ttlSeconds, ...(maxClockSkewSeconds === undefined ? {} : { maxClockSkewSeconds }) })
      .then(
        () => true,
        () => false,
      );
  assert.deepEqual(
    [
      await opens(ISSUED + 60_000, 60),
      await opens(ISSUED + 61_000, 60),
      await opens(ISSUED - 60_000, 60),
      await opens(ISSUED - 61_000, 60),
      await opens(ISSUED, 0),
      await opens(ISSUED - 1000, 60, 0),
    ],
    [true, false, true, false, true, false],
  );
});

test('refuses a ttl or a skew that is not a duration, instead of accepting every token', async () => {
  for (const seconds of [Number.NaN, -1]) {
    await assert.rejects(createFernet(KEY).decrypt(TOKEN, { ttlSeconds: seconds }), TypeError);
    await assert.rejects(
      createFernet(KEY).decrypt(TOKEN, { ttlSeconds: 1, maxClockSkewSeconds: seconds }),
      TypeError,
    );
  }
});

test('takes the key as text or as its 32 bytes, and keeps its own copy', async () => {
  const bytes = decodeBase64url(KEY);
  const fernet = createFernet(bytes);
  bytes.fill(0);
  assert.equal(text(await fernet.decrypt(TOKEN)), 'hello');
});

test('with several keys, the first encrypts and all of them decrypt, as pyca MultiFernet does', async () => {
  const [old, recent, other] = [generateFernetKey(), generateFernetKey(), generateFernetKey()];
  const both = createFernet([recent, old]);
  assert.equal(text(await both.decrypt(await createFernet(old).encrypt('old'))), 'old');
  assert.equal(text(await createFernet(recent).decrypt(await both.encrypt('new'))), 'new');
  await assert.rejects(createFernet(old).decrypt(await both.encrypt('new')), invalidToken);
  await assert.rejects(both.decrypt(await createFernet(other).encrypt('x')), invalidToken);
});

test('says whether a token was made with a key, at any age', async () => {
  const fernet = createFernet([generateFernetKey(), KEY]);
  assert.equal(await fernet.isAuthentic(TOKEN), true);
  assert.equal(await createFernet(generateFernetKey()).isAuthentic(TOKEN), false);
  assert.equal(await fernet.isAuthentic('gAAAA'), false);
  assert.equal(await fernet.isAuthentic('%'), false);
});

test('uses a different initialisation vector for each token (Fernet spec, generating)', async () => {
  const fernet = createFernet(KEY);
  const tokens = await Promise.all(Array.from({ length: 1000 }, () => fernet.encrypt('')));
  assert.equal(new Set(tokens.map((token) => token.slice(12, 34))).size, 1000);
});

test('refuses 10,000 mutated tokens with the same error', async () => {
  const fernet = createFernet([generateFernetKey(), KEY]);
  const octets = decodeBase64url(await fernet.encrypt('a message of more than one block'));
  const mutation = fc.oneof(
    fc.tuple(fc.nat({ max: octets.length - 1 }), fc.integer({ min: 1, max: 255 })).map(([at, change]) => {
      const changed = octets.slice();
      changed[at] = (changed[at] ?? 0) ^ change;
      return changed;
    }),
    fc.nat({ max: octets.length - 1 }).map((end) => octets.slice(0, end)),
    fc.uint8Array({ minLength: 1, maxLength: 48 }).map((more) => Uint8Array.of(...octets, ...more)),
    fc.tuple(fc.nat({ max: 80 }), fc.integer({ min: 1, max: 48 })).map(([at, length]) => {
      const rest = octets.subarray(at + length);
      return Uint8Array.of(...octets.subarray(0, at), ...rest);
    }),
  );
  await fc.assert(
    fc.asyncProperty(mutation, (changed) =>
      assert.rejects(fernet.decrypt(encodeBase64url(changed)), invalidToken),
    ),
    { numRuns: 10_000 },
  );
});

test('pyca cryptography and Gatehouse open each other’s tokens', { skip: missingPyca() }, async () => {
  const fernet = createFernet(KEY);
  const messages = ['', 'I have a dream', 'día 👏', 'x'.repeat(5000)];
  const tokens = await Promise.all(messages.map((message) => fernet.encrypt(message)));
  const script = `
import json, sys
from cryptography.fernet import Fernet
key, tokens, messages = json.load(sys.stdin)
f = Fernet(key)
print(json.dumps([[f.decrypt(t.encode(), ttl=60).decode() for t in tokens], [f.encrypt(m.encode()).decode() for m in messages]]))`;
  const [opened, theirs] = runPython(script, [KEY, tokens, messages]) as [string[], string[]];
  assert.deepEqual(opened, messages);
  const ours = await Promise.all(theirs.map((token) => fernet.decrypt(token, { ttlSeconds: 60 })));
  assert.deepEqual(ours.map(text), messages);
});
