// Signed answers (RFC 9421 with RFC 9530): the signature covers the status, the digest of the body, and the
// request, so that no one can use the answer for another request. See docs/wire/message-signatures.md.
import { createPrivateKey } from 'node:crypto';
import type { FieldLines, JsonKey, MessageSigner, RequestMessage } from '@gatehouse/protocol';
import { contentDigest, fieldText, importSigningKey, signMessage } from '@gatehouse/protocol';
import type { Clock } from '../clock.ts';
import { numericDate } from '../clock.ts';

/** How answers are signed. */
export interface AnswerSigningSource {
  /** PKCS#8 PEM of a P-256 key. */
  privateKey: string;
  kid: string;
  /** The current and earlier public keys, as JSON (RFC 7517 §5). */
  keySet: string;
}

/** An answer before it is signed. */
export interface UnsignedAnswer {
  status: number;
  fields: FieldLines;
  /** The body as sent; empty without content. */
  content: Uint8Array;
}

/** Signs answers. */
export interface AnswerSigner {
  /** The fields that the answer needs: Content-Digest, Signature-Input and Signature. */
  sign(request: RequestMessage, answer: UnsignedAnswer): Promise<FieldLines>;
  /** The keys for clients to verify with. */
  readonly keySet: string;
}

/**
 * The fields of an answer that the signer replaces, in lower case.
 * @example
 * state.replacedFields = SIGNATURE_FIELDS;
 */
export const SIGNATURE_FIELDS: ReadonlySet<string> = new Set([
  'content-digest',
  'signature-input',
  'signature',
]);

const LABEL = 'gatehouse';
const ALWAYS = [
  '@status',
  'content-digest',
  '@method;req',
  '@authority;req',
  '@path;req',
  '@query;req',
] as const;
/** Fields of the request, if it has them: its signature binds the answer to exactly that request. */
const OF_THE_REQUEST = ['content-digest', 'signature'] as const;

/**
 * Signs with the key of `source`.
 * @example
 * const fields = await createAnswerSigner(source, clock).sign(request, { status: 200, fields: [], content });
 */
export function createAnswerSigner(
  { privateKey, kid, keySet }: AnswerSigningSource,
  clock: Clock,
): AnswerSigner {
  let imported: Promise<MessageSigner> | undefined;
  const key = (): Promise<MessageSigner> => {
    imported ??= importSigningKey(createPrivateKey(privateKey).export({ format: 'jwk' }) as JsonKey);
    return imported;
  };
  return {
    keySet,
    async sign(request, { status, fields, content }) {
      const digest = await contentDigest(content);
      const all = [...fields, 'Content-Digest', digest];
      const components = [...ALWAYS, ...typeOf(fields), ...boundTo(request)];
      const created = numericDate(clock);
      const signed = await signMessage({ status, fields: all, request }, await key(), {
        components,
        label: LABEL,
        created,
        keyid: kid,
      });
      return [
        'Content-Digest',
        digest,
        'Signature-Input',
        signed['signature-input'],
        'Signature',
        signed.signature,
      ];
    },
  };
}

function typeOf(fields: FieldLines): string[] {
  return componentFor(fields, 'content-type');
}

function boundTo({ fields }: RequestMessage): string[] {
  return OF_THE_REQUEST.flatMap((name) => componentFor(fields, name)).map((text) => `${text};req`);
}

/** A signature can cover a value that is not ASCII only as bytes (RFC 9421 §2.1.3). */
function componentFor(fields: FieldLines, name: string): string[] {
  const value = fieldText(fields, name);
  if (value === undefined) return [];
  return /^[\t -~]*$/.test(value) ? [name] : [`${name};bs`];
}
