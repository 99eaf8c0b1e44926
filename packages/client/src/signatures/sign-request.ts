// The signature of one request (RFC 9421), with the digest of its content (RFC 9530).
import type { FieldLines, MessageSigner, RequestMessage } from '@gatehouse/protocol';
import { contentDigest, signMessage } from '@gatehouse/protocol';

/** A request as it will be sent. */
export interface RequestToSign {
  method: string;
  url: URL;
  headers: Headers;
  content: Uint8Array;
}

/** How one request is signed. */
export interface RequestSignature {
  key: MessageSigner;
  /** Names the key for the server. */
  keyId: string;
  /**
   * The covered components, such as `@path` and `content-type`. Default: those that a gateway requires, and
   * the type.
   */
  components?: readonly string[] | undefined;
  /** A NumericDate. */
  created: number;
  /** A value that is used once. */
  nonce: string;
}

/** What a gateway requires of a signature (docs/wire/message-signatures.md). */
const REQUIRED = ['@method', '@authority', '@path', '@query', 'content-digest'] as const;

/**
 * The header fields of the signed request: the given ones, Content-Digest, Signature-Input and Signature.
 * Another signature of the request stays.
 * @example
 * const headers = await signRequest({ method, url, headers, content }, { key, keyId, created, nonce });
 */
export async function signRequest(
  request: RequestToSign,
  { key, keyId, components, created, nonce }: RequestSignature,
): Promise<Headers> {
  const headers = new Headers(request.headers);
  headers.set('content-digest', await contentDigest(request.content));
  const covered = components ?? [...REQUIRED, ...(headers.has('content-type') ? ['content-type'] : [])];
  const message = messageOf({ ...request, headers });
  const fields = await signMessage(message, key, { components: covered, keyid: keyId, created, nonce });
  for (const [name, value] of Object.entries(fields)) headers.append(name, value);
  return headers;
}

/**
 * The request in the form for signatures.
 * @example
 * await verifyAnswer(messageOf({ method, url, headers }), answer, { keys, now });
 */
export function messageOf({ method, url, headers }: Omit<RequestToSign, 'content'>): RequestMessage {
  const scheme = url.protocol === 'http:' ? 'http' : 'https';
  const authority = headers.get('host') ?? url.host;
  return { method, scheme, authority, target: url.pathname + url.search, fields: linesOf(headers) };
}

/** Names and values in turn. */
export function linesOf(headers: Headers): FieldLines {
  return [...headers].flat();
}
