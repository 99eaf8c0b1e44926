// Verifies messages (RFC 9421 §3.2). Two steps: `readSignatures` reads the signatures of a message, so that
// the caller can find the key; `verifySignature` checks one of them. Refuses a signature that the policy does
// not allow.
import type { Bytes } from '../crypto/primitives.ts';
import { readDictionary } from '../structured-fields/read.ts';
import type { BareItem, Dictionary, InnerList, Parameters } from '../structured-fields/values.ts';
import { isInnerList, StructuredFieldError } from '../structured-fields/values.ts';
import type { Component } from './components.ts';
import { component, identity } from './components.ts';
import { MessageSignatureError, malformed } from './errors.ts';
import type { MessageVerifier } from './keys.ts';
import type { FieldLines, SignedMessage } from './message.ts';
import { fieldText } from './message.ts';
import type { SignatureParameters } from './sign.ts';
import { baseOctets, componentsOf, signatureBase } from './signature-base.ts';

/** A signature of a message, not verified yet. */
export interface MessageSignature extends SignatureParameters {
  readonly label: string;
  readonly components: readonly Component[];
  /** The signer's name for it. */
  readonly alg?: string;
  /** The member of Signature-Input, which is signed too. */
  readonly input: InnerList;
  readonly value: Bytes;
}

/** The requirements for a signature. */
export interface VerificationPolicy {
  /** The components that it must cover, in the short form of `component`. */
  components: readonly string[];
  /** A NumericDate. */
  now: number;
  /** How old it may be. */
  maxAgeSeconds: number;
  /** How far the clock of the signer may be ahead. */
  maxSkewSeconds: number;
  requireNonce?: boolean;
}

const MOST_SIGNATURES = 16;
const MOST_COMPONENTS = 64;

/**
 * The signatures of a message; none without the fields. Throws `signature_malformed`.
 * @example
 * const [signature] = readSignatures(fields);
 */
export function readSignatures(fields: FieldLines): MessageSignature[] {
  const [inputText, signatureText] = [fieldText(fields, 'signature-input'), fieldText(fields, 'signature')];
  if (inputText === undefined && signatureText === undefined) return [];
  if (inputText === undefined || signatureText === undefined) {
    throw malformed('needs both fields, Signature-Input and Signature');
  }
  const inputs = dictionaryOf(inputText);
  const values = dictionaryOf(signatureText);
  if (inputs.size !== values.size || inputs.size > MOST_SIGNATURES) {
    throw malformed('has other labels in Signature-Input than in Signature, or there are too many');
  }
  return [...inputs].map(([label, input]) => {
    const value = values.get(label);
    if (!isInnerList(input) || input.items.length > MOST_COMPONENTS)
      throw malformed('has no list of components');
    if (value === undefined || isInnerList(value) || value.value.type !== 'bytes') {
      throw malformed('has a label without its value');
    }
    return {
      label,
      components: componentsOf(input),
      input,
      value: value.value.value,
      ...parametersOf(input.params),
    };
  });
}

function dictionaryOf(text: string): Dictionary {
  try {
    return readDictionary(text);
  } catch (error) {
    if (error instanceof StructuredFieldError) throw malformed('is not well formed (RFC 9421 §4)');
    throw error;
  }
}

/** Unknown parameters are signed too, and otherwise ignored (§2.3). */
function parametersOf(params: Parameters): SignatureParameters & { alg?: string } {
  const found: Record<string, string | number> = {};
  for (const [name, type] of Object.entries(TYPES)) {
    const item = params.get(name);
    if (item === undefined) continue;
    if (item.type !== type) throw malformed(`has a parameter ${name} of another type`);
    found[name] = item.value as string | number;
  }
  return found;
}

const TYPES: Readonly<Record<string, BareItem['type']>> = {
  created: 'integer',
  expires: 'integer',
  nonce: 'string',
  alg: 'string',
  keyid: 'string',
  tag: 'string',
};

/**
 * Verifies one signature of `message`. Afterwards, the caller must check that the nonce was not used before.
 * @throws MessageSignatureError
 * @example
 * await verifySignature(signature, request, { key, policy });
 */
export async function verifySignature(
  signature: MessageSignature,
  message: SignedMessage,
  { key, policy }: { key: MessageVerifier; policy: VerificationPolicy },
): Promise<void> {
  requireCoverage(signature, policy);
  requireTimes(signature, policy);
  if (signature.alg !== undefined && signature.alg !== key.algorithm) {
    throw invalid(`The signature names another algorithm than that of its key, ${key.algorithm}.`);
  }
  const base = baseOctets(signatureBase(signature.input, message));
  if (!(await key.verify(base, signature.value)))
    throw invalid('The signature is not right for this message and key.');
}

function requireCoverage({ components, nonce }: MessageSignature, policy: VerificationPolicy): void {
  const covered = new Set(components.map(identity));
  const missing = policy.components.filter((text) => !covered.has(identity(component(text))));
  if (missing.length > 0) throw incomplete(`does not cover ${missing.join(', ')}`);
  if (policy.requireNonce && (nonce === undefined || nonce === '')) throw incomplete('has no nonce');
}

function requireTimes({ created, expires }: MessageSignature, policy: VerificationPolicy): void {
  const { now, maxAgeSeconds, maxSkewSeconds } = policy;
  if (created === undefined) throw incomplete('has no time (created)');
  if (created > now + maxSkewSeconds) throw expired('was made in the future: check the clocks');
  if (created < now - maxAgeSeconds) throw expired(`is older than ${maxAgeSeconds} seconds: make a new one`);
  if (expires !== undefined && expires <= now) throw expired('has expired: make a new one');
}

function incomplete(what: string): MessageSignatureError {
  return new MessageSignatureError('signature_incomplete', `The signature ${what}.`);
}

function expired(what: string): MessageSignatureError {
  return new MessageSignatureError('signature_expired', `The signature ${what}.`);
}

function invalid(detail: string): MessageSignatureError {
  return new MessageSignatureError('signature_invalid', detail);
}
