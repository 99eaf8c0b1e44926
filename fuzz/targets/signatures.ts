// The readers of message signatures (RFC 9421), of Content-Digest (RFC 9530) and of structured fields (RFC
// 9651). What they accept, they write so that it is read as the same again; everything else they refuse with
// their own errors.
import assert from 'node:assert/strict';
import {
  MessageSignatureError,
  readContentDigest,
  readDictionary,
  readSignatures,
  StructuredFieldError,
  signatureBase,
  writeDictionary,
} from '@gatehouse/protocol';
import type { FuzzReader, FuzzTarget } from '../harness/target.ts';

const REQUEST = { method: 'POST', authority: 'example.com', target: '/foo?param=Value&Pet=dog' };
const DIGEST = 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:';
/** Signature-Input and Signature, each on a line. */
const CORPUS = [
  `sig1=("@method" "@authority" "@path" "@query" "content-digest");created=1618884473;keyid="k"\nsig1=:${'A'.repeat(84)}AA==:`,
  'a=("@query-param";name="Pet" "@target-uri");expires=1;nonce="n", b=("content-digest";key="sha-256")\na=:AAAA:, b=:AAAA:',
  'sig=("content-digest";sf "content-digest";bs);alg="ed25519";tag="t";x=?0;y=1.5;z=@1\nsig=:AAAA:',
  `${DIGEST}, sha-512=:${'A'.repeat(86)}==:\n`,
];

export function createTarget(): FuzzTarget {
  return {
    readers: [dictionaries, signatures, digests],
    corpus: CORPUS.map((text) => Buffer.from(text)),
    mutate: () => undefined,
  };
}

const dictionaries: FuzzReader = {
  name: 'dictionary',
  isGeneral: true,
  accepts: (input) =>
    isAccepted(StructuredFieldError, () => {
      const read = readDictionary(textsOf(input)[0]);
      assert.deepEqual(readDictionary(writeDictionary(read)), read);
    }),
};

const signatures: FuzzReader = {
  name: 'signatures',
  accepts: (input) =>
    isAccepted(MessageSignatureError, () => {
      const [signatureInput, signature] = textsOf(input);
      const fields = ['Content-Digest', DIGEST, 'Signature-Input', signatureInput, 'Signature', signature];
      for (const { input: covered } of readSignatures(fields)) {
        const base = signatureBase(covered, { ...REQUEST, fields });
        // One line for each component, so that no value can look like another component.
        assert.equal(base.split('\n').length, covered.items.length + 1);
      }
    }),
};

const digests: FuzzReader = {
  name: 'content-digest',
  isGeneral: true,
  accepts: (input) => isAccepted(MessageSignatureError, () => readContentDigest(textsOf(input)[0])),
};

function textsOf(input: Uint8Array): [string, string] {
  const text = Buffer.from(input).toString('latin1');
  const at = text.indexOf('\n');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Rethrows any other error: that is a finding. */
function isAccepted(refusal: new (...args: never[]) => Error, read: () => void): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof refusal) return false;
    throw error;
  }
}
