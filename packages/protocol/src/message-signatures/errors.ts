// Why a signature or a digest is refused.
import { ProtocolError } from '../errors.ts';

/** What is wrong, for programs. These codes do not change between versions. */
export type MessageSignatureErrorCode =
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_incomplete'
  | 'signature_expired'
  | 'signature_key_unknown'
  | 'signature_key_invalid'
  | 'signature_invalid'
  | 'digest_missing'
  | 'digest_malformed'
  | 'digest_mismatch';

/**
 * A refused signature, key or digest. The message does not quote the peer, except names of components.
 * @example
 * if (error instanceof MessageSignatureError && error.code === 'signature_expired') retry();
 */
export class MessageSignatureError extends ProtocolError<MessageSignatureErrorCode> {}

export function malformed(what: string, options?: ErrorOptions): MessageSignatureError {
  return new MessageSignatureError('signature_malformed', `The signature ${what}.`, options);
}
