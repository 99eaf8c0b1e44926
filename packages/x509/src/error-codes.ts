// What each error code of this package means, and what to do: for docs/errors.md. Programs need only the
// codes.

interface CodeText {
  means: string;
  remedy: string;
}

export const x509ErrorCodes = {
  algorithm_unsupported: {
    means: 'A signature or a digest uses an algorithm that is not supported, such as SHA-1.',
    remedy: 'Create the object again with a supported algorithm.',
  },
  certificate_expired: {
    means: 'The certificate has expired: its `notAfter` is in the past.',
    remedy: 'Renew it, and check the clock.',
  },
  certificate_invalid: {
    means: 'The certificate breaks a rule of RFC 5280 that the message names.',
    remedy: 'Ask its issuer for another one.',
  },
  certificate_not_yet_valid: {
    means: 'The certificate is not valid yet: its `notBefore` is in the future.',
    remedy: 'Check the clock, or wait.',
  },
  certificate_revoked: {
    means: 'The issuer revoked the certificate.',
    remedy: 'Do not trust it. Its owner needs a new one.',
  },
  der_invalid: {
    means: 'The bytes are not valid DER of the expected kind.',
    remedy: 'Check that the file is complete and of the right kind.',
  },
  extension_unknown: {
    means:
      'The certificate has an unknown critical extension, so its limits cannot be checked (RFC 5280 §4.2).',
    remedy: 'Ask the issuer for a certificate without it.',
  },
  general_name_invalid: {
    means: 'A name is neither a DNS name, an IP address, an e-mail address nor a URI.',
    remedy: 'Correct the name.',
  },
  issuer_invalid: {
    means: 'The issuer is not allowed to sign this, or its certificate is not valid.',
    remedy: 'Use an authority whose certificate allows it.',
  },
  issuer_outlived: {
    means: 'The certificate would be valid longer than its issuer.',
    remedy: 'Choose a shorter lifetime, or renew the issuer first.',
  },
  issuer_unknown: {
    means: 'The certificate has no chain to a trusted root.',
    remedy: 'Add the intermediates. Or trust its root, after you have checked the fingerprint.',
  },
  key_invalid: {
    means: 'The key cannot be read, or its numbers are not valid.',
    remedy: 'Check that the file is complete, or make a new key.',
  },
  key_unsupported: {
    means: 'The type of the key or the encryption of its file is not supported.',
    remedy: 'Convert the file as the message says, or make a key of another type.',
  },
  name_constraint_violated: {
    means: 'An authority above the certificate may not issue for this name (RFC 5280 §4.2.1.10).',
    remedy: 'Use a name that the authority allows, or another authority.',
  },
  name_invalid: {
    means: 'A member of the subject is not valid, too long, or given twice.',
    remedy: 'Correct the subject.',
  },
  name_mismatch: {
    means: 'The certificate is valid, but for another name.',
    remedy: 'Use a name in the certificate, or issue a certificate for this name.',
  },
  ocsp_invalid: {
    means: 'The OCSP answer is not valid, not for this certificate, or not signed by its issuer.',
    remedy: 'Ask again, and tell the operator of the responder.',
  },
  ocsp_stale: {
    means: 'The OCSP answer is too old, or not valid yet.',
    remedy: 'Ask again, and check the clock.',
  },
  passphrase_missing: {
    means: 'The file is encrypted, and no passphrase was given.',
    remedy: 'Give the passphrase.',
  },
  passphrase_wrong: {
    means: 'The file does not decrypt with this passphrase.',
    remedy: 'Give the right passphrase.',
  },
  path_length_exceeded: {
    means: 'The chain has more intermediates than an authority in it allows.',
    remedy: 'Issue the certificate from an authority with fewer authorities above it.',
  },
  pem_invalid: {
    means: 'The text is not PEM, or its base64 is damaged.',
    remedy: 'Check that the file is complete.',
  },
  pem_too_large: {
    means: 'The PEM text is larger than the limit.',
    remedy: 'Give a smaller file.',
  },
  profile_invalid: {
    means: 'A certificate of this profile would break a rule of RFC 5280.',
    remedy: 'Change the profile as the message says.',
  },
  purpose_mismatch: {
    means: 'The certificate, or an authority above it, is for another purpose.',
    remedy: 'Use a certificate for this purpose.',
  },
  request_signature_invalid: {
    means: 'The certificate request is not signed with its own key.',
    remedy: 'Make a new request.',
  },
  revocation_stale: {
    means: 'There is no revocation list that is valid now.',
    remedy: 'Fetch the list again.',
  },
  signature_invalid: {
    means: 'The signature does not match the content and the key of the issuer.',
    remedy: 'Do not trust it. Fetch it again from its source.',
  },
  subject_missing: {
    means: 'There is neither a subject nor an alternative name.',
    remedy: 'Give at least one name.',
  },
  validity_invalid: {
    means: 'The validity would end before it begins, or its dates cannot be encoded.',
    remedy: 'Correct the dates.',
  },
} as const satisfies Record<string, CodeText>;
