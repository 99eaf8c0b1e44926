// Signs messages (RFC 9421 §3.1).
import type { BareItem, Dictionary, InnerList } from '../structured-fields/values.ts';
import { writeDictionary } from '../structured-fields/write.ts';
import { component } from './components.ts';
import type { MessageSigner } from './keys.ts';
import type { SignedMessage } from './message.ts';
import { baseOctets, signatureBase } from './signature-base.ts';

/** The parameters of a signature (RFC 9421 §2.3). Times are NumericDates. */
export interface SignatureParameters {
  created?: number;
  expires?: number;
  nonce?: string;
  keyid?: string;
  tag?: string;
}

/** The components to sign, and the parameters. */
export interface SignOptions extends SignatureParameters {
  /** In the short form of `component`. */
  components: readonly string[];
  /** Names the signature within the message. Default: sig1. */
  label?: string;
}

/** The two fields of a signature. */
export interface SignatureFields {
  'signature-input': string;
  signature: string;
}

/**
 * Signs a message. The algorithm is that of the key.
 * @throws MessageSignatureError if the message does not have a component
 * @example
 * const fields = await signMessage(request, key, { components: ['@method', '@path'], keyid, created });
 */
export async function signMessage(
  message: SignedMessage,
  key: MessageSigner,
  { components, label = 'sig1', ...parameters }: SignOptions,
): Promise<SignatureFields> {
  const params = parametersOf({ ...parameters, alg: key.algorithm });
  const input: InnerList = { items: components.map(component), params };
  const value = await key.sign(baseOctets(signatureBase(input, message)));
  const signature: Dictionary = new Map([[label, { value: { type: 'bytes', value }, params: new Map() }]]);
  return {
    'signature-input': writeDictionary(new Map([[label, input]])),
    signature: writeDictionary(signature),
  };
}

const NAMES = ['created', 'expires', 'nonce', 'alg', 'keyid', 'tag'] as const;

function parametersOf(given: SignatureParameters & { alg: string }): Map<string, BareItem> {
  const params = new Map<string, BareItem>();
  for (const name of NAMES) {
    const value = given[name];
    if (typeof value === 'number') params.set(name, { type: 'integer', value });
    else if (value !== undefined) params.set(name, { type: 'string', value });
  }
  return params;
}
