// A chain that verifies: a root, an intermediate and the certificate of a server. Tests change one part of
// it.
import type { Verification } from '../../src/verify/verify-certificate.ts';
import { AT, createForger, forgeAuthority, forgeServer } from './forge.ts';

/** The issuers, and one that is in no chain. */
export const [root, middle, other] = [
  createForger('Root'),
  createForger('Middle'),
  createForger('Other'),
] as const;
export const rootDer = forgeAuthority(root, root);
export const middleDer = forgeAuthority(middle, root);
export const good: Verification = {
  certificate: forgeServer(middle),
  intermediates: middleDer,
  roots: rootDer,
  at: AT,
};
