// All implementations of the import `#hpke`, so that each requirement is tested with each.
import { createNodeHpke, hmac, hpke as node } from '../../src/crypto/hpke-node.ts';
import { createDhKem, createXWing, webMlKem } from '../../src/crypto/hpke-node-kems.ts';
import { hpke as web } from '../../src/crypto/hpke-web.ts';
import type { HpkeBackEnd } from '../../src/hpke/suite.ts';
import { KEM_X_WING, KEM_X25519 } from '../../src/hpke/suite.ts';

/** node:crypto with the ML-KEM of WebCrypto, as in Bun. */
const nodeWithWebMlKem = createNodeHpke({
  [KEM_X_WING]: createXWing(webMlKem()),
  [KEM_X25519]: createDhKem(hmac),
});

export const hpkeBackEnds: { name: string; hpke: HpkeBackEnd }[] = [
  { name: 'node:crypto', hpke: node },
  { name: 'node:crypto with the ML-KEM of WebCrypto', hpke: nodeWithWebMlKem },
  { name: 'the library on WebCrypto', hpke: web },
];
