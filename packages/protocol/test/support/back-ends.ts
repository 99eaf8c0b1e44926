// Both implementations of the import `#crypto`, so that each requirement is tested with each.
import { primitives as node } from '../../src/crypto/node.ts';
import type { CryptoPrimitives } from '../../src/crypto/primitives.ts';
import { primitives as web } from '../../src/crypto/web.ts';

export const backEnds: { name: string; primitives: CryptoPrimitives }[] = [
  { name: 'node:crypto', primitives: node },
  { name: 'WebCrypto', primitives: web },
];
