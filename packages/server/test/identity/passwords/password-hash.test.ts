// Password hashes: their form, and the passwords that they accept. Times reveal nothing, and the load is
// limited.
import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { GatehouseError } from '@gatehouse/access';
import type { Argon2id } from '../../../src/identity/passwords/hash-threads.ts';
import { createPasswordHasher } from '../../../src/identity/passwords/password-hash.ts';
import { countedArgon2id } from '../../support/counted-argon2.ts';
import { refusal } from '../../support/errors.ts';

const { argon2id, runs, concurrency } = countedArgon2id();
const ADDRESS = { address: '192.0.2.7' };
const settings = { hashConcurrency: 2, hashQueue: 64 };
const hasher = createPasswordHasher({ argon2id, refused: () => {} }, settings);
const PHC = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

test('a hash is Argon2id at m=19456, t=2, p=1 with its own salt, as a PHC string', async () => {
  const [one, two] = await Promise.all([hasher.hash('correct horse'), hasher.hash('correct horse')]);
  assert.match(one, PHC);
  assert.notEqual(one, two);
  const [, salt = '', tag = ''] = PHC.exec(one) ?? [];
  const expected = argon2Sync('argon2id', {
    message: 'correct horse',
    nonce: Buffer.from(salt, 'base64'),
    memory: 19_456,
    passes: 2,
    parallelism: 1,
    tagLength: 32,
  });
  assert.deepEqual(Buffer.from(tag, 'base64'), expected);
});

test('verifies the password and no other', async () => {
  const hash = await hasher.hash('correct horse');
  assert.equal(await hasher.verify('correct horse', hash, ADDRESS), 'right');
  assert.equal(await hasher.verify('correct horsf', hash, ADDRESS), 'wrong');
  assert.equal(await hasher.verify('', hash, ADDRESS), 'wrong');
});

test('verifies a PHC string of another program and of another cost', async () => {
  // echo -n 'password' | argon2 somesalt -id -t 2 -m 8 -p 1 -l 32 -e, of the reference implementation.
  const foreign = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
  assert.equal(await hasher.verify('password', foreign, ADDRESS), 'outdated');
  assert.equal(await hasher.verify('differentpassword', foreign, ADDRESS), 'wrong');
});

test('accepts the same characters from any keyboard (NFKC, NIST SP 800-63B-4 §3.1.1.2)', async () => {
  const hash = await hasher.hash('pa\u00dfw\u00f6rter');
  assert.equal(await hasher.verify('pa\u00dfwo\u0308rter', hash, ADDRESS), 'right');
  assert.equal(await hasher.verify('passw\u00f6rter', hash, ADDRESS), 'wrong');
});

test('refuses half of a surrogate pair: all halves would become the same password (RFC 8259 §8.2)', async () => {
  const hash = await hasher.hash('correct horse \ufffd');
  await assert.rejects(
    hasher.hash('correct horse \ud800'),
    refusal('unprocessable', /half of a surrogate pair/),
  );
  await assert.rejects(hasher.verify('correct horse \udc00', hash, ADDRESS), refusal('unprocessable'));
  assert.equal(await hasher.verify('correct horse \ufffd', hash, ADDRESS), 'right');
});

test('a stored text that is not an argon2id hash is an error, not a wrong password', async () => {
  await assert.rejects(
    hasher.verify('password', '$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$AAAA', ADDRESS),
    /not an argon2id PHC string/,
  );
});

test('an unknown user costs as much as a wrong password, and is never accepted', async () => {
  const hash = await hasher.hash('correct horse');
  const costOf = async (stored: string | undefined) => {
    runs.length = 0;
    assert.equal(await hasher.verify('something else', stored, ADDRESS), 'wrong');
    return [...runs];
  };
  const wrong = await costOf(hash);
  assert.equal(wrong.length, 1);
  assert.deepEqual(await costOf(undefined), wrong);
});

test('computes at most as many hashes at once as configured', async () => {
  concurrency.most = 0;
  await Promise.all(Array.from({ length: 6 }, () => hasher.verify('x', undefined, ADDRESS)));
  assert.equal(concurrency.most, 2);
});

test('a full queue refuses with too_many_requests, and serves again when there is space in it', async () => {
  const { small } = smallHasher();
  const accepted = [small.hash('first one'), small.hash('second one')];
  await assert.rejects(small.hash('third one'), refusal('too_many_requests', /^Too many new passwords wait/));
  for (const hash of await Promise.all(accepted)) assert.match(hash, PHC);
  assert.match(await small.hash('fifth one'), PHC);
});

test('refuses and counts a flood from one address, which delays other addresses by one turn', async () => {
  const { small, refused } = smallHasher();
  const order: string[] = [];
  const signIn = async (address: string, name: string) => {
    assert.equal(await small.verify('x', undefined, { address }), 'wrong');
    order.push(name);
  };
  const flood = [signIn('2001:db8::1', 'flood 1'), signIn('2001:db8::2', 'flood 2')];
  const tooMany = refusal('too_many_requests', /^Too many sign-ins from 2001:db8::\/64 wait/);
  for (const last of [3, 4])
    await assert.rejects(small.verify('x', undefined, { address: `2001:db8::${last}` }), tooMany);
  const others = ['192.0.2.1', '192.0.2.2'].map((address) => signIn(address, address));
  const administrator = small.hash('a new password');
  assert.match(await administrator, PHC);
  await Promise.all([...flood, ...others]);
  assert.deepEqual(order, ['flood 1', '192.0.2.1', '192.0.2.2', 'flood 2']);
  assert.deepEqual(refused, ['2001:db8::/64', '2001:db8::/64']);
});

test('an address gets a place even if others have filled the whole queue', async () => {
  const { small, refused } = smallHasher(2);
  const attempt = (address: string) =>
    small.verify('x', undefined, { address }).then(
      () => 'answered',
      (error: GatehouseError) => error.code,
    );
  const flood = Array.from({ length: 25 }, (_, index) => attempt(`192.0.2.${index % 8}`));
  const honest = await attempt('198.51.100.1');
  assert.equal(honest, 'answered');
  const answers = await Promise.all(flood);
  assert.equal(answers.filter((answer) => answer === 'answered').length, 16);
  assert.equal(refused.length, 9);
});

test('a hash that fails frees its place', async () => {
  const single = createPasswordHasher({ argon2id, refused: () => {} }, { hashConcurrency: 1, hashQueue: 1 });
  await assert.rejects(single.verify('x', 'damaged', ADDRESS));
  assert.equal(await single.verify('x', undefined, ADDRESS), 'wrong');
});

/** In place of a hash, where only the queue matters. */
const instant: Argon2id = async ({ tagLength }) => {
  await setImmediate();
  return new Uint8Array(tagLength);
};

/** Computes one hash at a time. */
function smallHasher(hashQueue = 1) {
  const refused: string[] = [];
  const deps = { argon2id: instant, refused: (share: string) => void refused.push(share) };
  return { small: createPasswordHasher(deps, { hashConcurrency: 1, hashQueue }), refused };
}

test('accepts a hash of an older version, which normalised to NFC, and calls it outdated', async () => {
  const nonce = Buffer.alloc(16, 7);
  const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
  const bare = (octets: Buffer) => octets.toString('base64').replaceAll('=', '');
  const older = (text: string) => {
    const tag = argon2Sync('argon2id', { message: text.normalize('NFC'), nonce, ...cost });
    return `$argon2id$v=19$m=19456,t=2,p=1$${bare(nonce)}$${bare(tag)}`;
  };
  assert.equal(await hasher.verify('ﬁnd the ﬁsh', older('ﬁnd the ﬁsh'), ADDRESS), 'outdated');
  assert.equal(await hasher.verify('ﬁnd the fish', older('ﬁnd the ﬁsh'), ADDRESS), 'wrong');
  assert.equal(await hasher.verify('pa\u00dfwo\u0308rter', older('pa\u00dfw\u00f6rter'), ADDRESS), 'right');
});

test('a user who has signed in from an address before has a separate queue there', async () => {
  const { small, refused } = smallHasher();
  const address = '192.0.2.1';
  const flood = [1, 2].map(() => small.verify('x', undefined, { address }));
  await assert.rejects(small.verify('x', undefined, { address }), refusal('too_many_requests'));
  const known = small.verify('x', undefined, { address, knownAs: 'alice' });
  assert.deepEqual(await Promise.all([...flood, known]), ['wrong', 'wrong', 'wrong']);
  assert.deepEqual(refused, [address]);
});

test('hashes nothing for an attempt that is no longer allowed when its turn comes', async () => {
  runs.length = 0;
  const begin = () => {
    throw new Error('too late');
  };
  await assert.rejects(hasher.verify('x', undefined, { ...ADDRESS, begin }), /too late/);
  assert.equal(runs.length, 0);
});
