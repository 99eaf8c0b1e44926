// The reasons why a TLS connection to a server is refused. Their texts are in `network/distrust.ts`.

/** The reason why TLS failed. */
export type TlsReason =
  | 'expired'
  | 'issuer_expired'
  | 'not_yet_valid'
  | 'wrong_name'
  /** The certificate names the server only in its common name. */
  | 'common_name'
  | 'self_signed'
  | 'unknown_root'
  | 'missing_intermediate'
  | 'revoked'
  | 'revocation_unknown'
  /** The certificate demands a stapled OCSP answer. */
  | 'must_staple'
  | 'weak_key'
  /** SHA-1 or MD5. */
  | 'weak_signature'
  | 'purpose'
  | 'name_constraint'
  | 'path_length'
  /** The issuer is not a certificate authority. */
  | 'issuer_invalid'
  | 'bad_signature'
  | 'critical_extension'
  | 'invalid_chain'
  | 'pin_mismatch'
  | 'client_certificate'
  /** No version of TLS in common. */
  | 'protocol_version'
  | 'handshake';
