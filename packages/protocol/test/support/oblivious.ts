// Keys of a gateway, and their form for clients.
import assert from 'node:assert/strict';
import { hpke as node } from '../../src/crypto/hpke-node.ts';
import type { HpkeBackEnd } from '../../src/hpke/suite.ts';
import { KEM_X_WING } from '../../src/hpke/suite.ts';
import { OFFERED_ALGORITHMS, usableConfigurations } from '../../src/ohttp/key-configuration.ts';

export const platformOf = (hpke: HpkeBackEnd) => ({
  hpke,
  randomBytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
});

export async function createGatewayKeys(hpke: HpkeBackEnd = node, kem: number = KEM_X_WING) {
  const key = await hpke.generateKey(kem);
  const configuration = { id: 7, kem, publicKey: key.publicKey, algorithms: OFFERED_ALGORITHMS };
  const [best] = usableConfigurations([configuration]);
  assert(best);
  return { keys: [{ id: 7, key, algorithms: OFFERED_ALGORITHMS }], configuration, best };
}

/** Also catches errors that are thrown at once. */
export const rejects = (work: () => unknown, expected: object) =>
  assert.rejects(async () => work(), expected);
