// @gatehouse/x509: all readers of DER from outside. Readers of private keys are left out: the operator
// supplies those.
import { mutateTlv } from '../harness/mutate-tlv.ts';
import type { FuzzTarget } from '../harness/target.ts';
import { ownCorpus } from './x509/corpus.ts';
import { opensslCorpus } from './x509/openssl-corpus.ts';
import { X509_READERS } from './x509/readers.ts';

export function createTarget(): FuzzTarget {
  return { readers: X509_READERS, corpus: [...ownCorpus(), ...opensslCorpus()], mutate: mutateTlv };
}
