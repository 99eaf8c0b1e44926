import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { compareHead } from '../../../src/commands/audit/compare-heads.ts';

const TYPE = 'gatehouse-ledger-head+jwt';
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keySet = { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1' }] };

/** Of entry `seq` in a ledger of three entries. */
const hashAt = (seq: number) => createHash('sha256').update(String(seq)).digest('hex');
const transport = {
  async call<T>(_method: string, path: string): Promise<T> {
    const seq = Number(new URL(path, 'http://server').searchParams.get('after')) + 1;
    return { entries: seq <= 3 ? [{ seq, hash: hashAt(seq) }] : [], searched: 3 } as T;
  },
};
const head = { seq: 2, hash: hashAt(2), ledger: hashAt(1) };

function signed(payload: object, { typ = TYPE, alg = 'ES256', key = pair.privateKey } = {}): string {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encoded({ alg, typ, kid: 'k1' })}.${encoded({ iat: 1_893_456_000, ...payload })}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

function compare(stored: object, mustBeSigned = false) {
  return compareHead(transport, { ...head, ...stored }, { keySet, mustBeSigned });
}

test('a head that the ledger has is accepted, with the time of its signature', async () => {
  assert.deepEqual(await compare({}), { seq: 2, signedAt: null, problem: null });
  const signedAt = '2030-01-01T00:00:00.000Z';
  assert.deepEqual(await compare({ signed: signed(head) }, true), { seq: 2, signedAt, problem: null });
});

test('reports a head that the ledger does not have: another entry, another ledger, a shorter ledger', async () => {
  assert.match((await compare({ hash: hashAt(3) })).problem ?? '', /has another entry at this place/);
  assert.match((await compare({ ledger: hashAt(3) })).problem ?? '', /belongs to another ledger/);
  assert.match((await compare({ seq: 4 })).problem ?? '', /ends before this entry/);
});

test('the head of an empty ledger matches every ledger', async () => {
  assert.equal((await compare({ seq: 0, hash: '0'.repeat(64), ledger: null })).problem, null);
});

test('a signature by another key, of another kind, or of another algorithm does not count', async () => {
  const wrong = [
    signed(head, { key: other.privateKey }),
    signed(head, { typ: 'at+jwt' }),
    signed(head, { alg: 'none' }),
    'a.b.c',
    '',
  ];
  for (const jws of wrong)
    assert.match((await compare({ signed: jws })).problem ?? '', /signature is not valid/, jws);
});

test('the signed head must be the head in the file', async () => {
  const jws = signed({ ...head, seq: 3, hash: hashAt(3) });
  assert.match((await compare({ signed: jws })).problem ?? '', /differs from the signed values/);
});

test('refuses a head without a signature if keys are given', async () => {
  assert.match((await compare({}, true)).problem ?? '', /is not signed/);
});
