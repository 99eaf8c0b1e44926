// Verifies a signed answer (RFC 9421): that it is for exactly this request, that it is new, and that its
// content is the one that was signed (RFC 9530).
import type { FieldLines, MessageSignature, RequestMessage } from '@gatehouse/protocol';
import {
  fieldText,
  MessageSignatureError,
  readSignatures,
  verifyContentDigest,
  verifySignature,
} from '@gatehouse/protocol';
import type { AnswerKeys } from './answer-keys.ts';

/** An answer as received. */
export interface AnswerToVerify {
  status: number;
  fields: FieldLines;
  /** As it was sent, with its encodings. */
  content: Uint8Array;
}

/** How an answer must be signed, and with which keys. */
export interface AnswerPolicy {
  keys: AnswerKeys;
  /**
   * The components that the signature must cover. Default: the status, the content, and the request with its
   * signature.
   */
  components?: readonly string[] | undefined;
  /** Default: five minutes. */
  maxAgeSeconds?: number | undefined;
  /** A NumericDate. */
  now: number;
}

const REQUIRED = [
  '@status',
  'content-digest',
  '@method;req',
  '@authority;req',
  '@path;req',
  '@query;req',
] as const;
const MAX_AGE_SECONDS = 300;
const MAX_SKEW_SECONDS = 60;

/**
 * Verifies an answer. `request` has the fields as sent. Throws MessageSignatureError.
 * @example
 * await verifyAnswer(messageOf(request), { status, fields, content }, { keys, now });
 */
export async function verifyAnswer(
  request: RequestMessage,
  answer: AnswerToVerify,
  policy: AnswerPolicy,
): Promise<void> {
  const { components = requiredFor(request), maxAgeSeconds = MAX_AGE_SECONDS, now } = policy;
  const { signature, key } = await known(readSignatures(answer.fields), policy.keys);
  await verifySignature(
    signature,
    { ...answer, request },
    { key, policy: { components, now, maxAgeSeconds, maxSkewSeconds: MAX_SKEW_SECONDS } },
  );
  await verifyContentDigest(fieldText(answer.fields, 'content-digest'), answer.content);
}

/** The answer to a signed request must cover that request's signature. */
function requiredFor({ fields }: RequestMessage): readonly string[] {
  const isSigned = fieldText(fields, 'signature') !== undefined;
  return isSigned ? [...REQUIRED, 'signature;req'] : REQUIRED;
}

/** The first signature by a known key. Others are not checked. */
async function known(signatures: readonly MessageSignature[], keys: AnswerKeys) {
  if (signatures.length === 0) {
    throw new MessageSignatureError('signature_missing', 'The answer is not signed.');
  }
  for (const signature of signatures) {
    const key = await keys.find(signature.keyid ?? '');
    if (key) return { signature, key };
  }
  throw new MessageSignatureError('signature_key_unknown', 'The answer is signed with an unknown key.');
}
