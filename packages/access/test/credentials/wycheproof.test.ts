// Wycheproof's vectors for JOSE, with the code that verifies access tokens and proofs: the reader of a
// compact JWS, and the keys. Algorithms that are not offered here are refused, also in valid vectors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVectors } from '../../../protocol/test/support/vectors.ts';
import { readSignedParts } from '../../src/credentials/compact-jws.ts';
import { PROOF_ALGORITHMS, type ProofAlgorithm, readProofKey } from '../../src/credentials/proof-key.ts';

type Jwk = Readonly<Record<string, unknown>> & { keys?: readonly Jwk[] };

interface Group {
  comment: string;
  public?: Jwk;
  private?: Jwk;
  tests: { tcId: number; comment: string; jws?: unknown; result: 'valid' | 'invalid' }[];
}

const ORIGIN = 'github.com/C2SP/wycheproof';
const vectorsOf = (name: string) =>
  readVectors<{ testGroups: Group[] }>(`wycheproof/json_web_${name}.json`, ORIGIN);

/**
 * Vectors that are valid there and refused here, or the reverse, with the reason. The key of a proof belongs
 * to a stranger, so its other uses and its strength concern only its owner.
 */
const OTHERWISE: Readonly<Record<string, string>> = {
  emptyPayload: 'tokens and proofs have claims',
  rsa_encryption: 'use and key_ops of a stranger’s key',
  ec_key_for_encryption: 'use and key_ops of a stranger’s key',
  jws_rsa_roca_key: 'a weak key of a stranger',
  InvalidCharacterInsertedInHeader: 'each part has one spelling',
  InvalidCharacterInsertedInPayload: 'each part has one spelling',
  jwe_aes: 'nothing is encrypted with JOSE here',
  jwe_ec: 'nothing is encrypted with JOSE here',
  invalid_use: 'use and key_ops of a stranger’s key',
};

function isAccepted(key: Jwk, jws: unknown): boolean {
  if (typeof jws !== 'string') return false;
  try {
    const { header, signingInput, signature } = readSignedParts(jws);
    const { alg, kid } = header as { alg: ProofAlgorithm; kid?: unknown };
    if (!PROOF_ALGORITHMS.includes(alg) || (key.alg !== undefined && key.alg !== alg)) return false;
    if (kid !== key.kid) return false;
    const { kty, crv, x, y, n, e } = key;
    return readProofKey({ kty, crv, x, y, n, e }).verifies(alg, signingInput, signature);
  } catch (error) {
    assert.ok(error instanceof SyntaxError, String(error));
    return false;
  }
}

function isOffered(jws: unknown): boolean {
  return PROOF_ALGORITHMS.some((known) => known === readSignedParts(String(jws)).header.alg);
}

for (const name of ['signature', 'key', 'crypto']) {
  const { vectors, skip } = vectorsOf(name);
  test(`keys refuse the invalid vectors of json_web_${name}, and accept the valid ones`, { skip }, () => {
    let accepted = 0;
    for (const { comment: group, tests, ...keys } of vectors?.testGroups ?? []) {
      const given = keys.public ?? keys.private ?? {};
      const candidates = given.keys ?? [given];
      for (const { tcId, comment, jws, result } of tests) {
        if (OTHERWISE[group] ?? OTHERWISE[comment]) continue;
        const is = candidates.some((key) => isAccepted(key, jws));
        if (is) accepted += 1;
        assert.equal(is, result === 'valid' && isOffered(jws), `${group} ${tcId} ${comment}`);
      }
    }
    assert.ok(accepted > 0);
  });
}
