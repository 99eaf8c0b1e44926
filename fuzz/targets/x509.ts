// @gatehouse/x509: everything that reads DER from outside. Reading private keys is not among it: they come from the operator.
import type { FuzzTarget } from '../harness/target.ts';
import { ownCorpus } from './x509/corpus.ts';
import { opensslCorpus } from './x509/openssl-corpus.ts';
import { X509_READERS } from './x509/readers.ts';

export function createTarget(): FuzzTarget {
  return { readers: X509_READERS, corpus: [...ownCorpus(), ...opensslCorpus()] };
}
