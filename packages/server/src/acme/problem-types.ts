// The error types of ACME (RFC 8555 §6.7, RFC 9773 §7.4) that this server uses, with the usual HTTP status of
// each. `means` and `remedy` are for docs/errors.md.

interface ProblemType {
  status: number;
  means: string;
  remedy: string;
}

export const problemTypes = {
  accountDoesNotExist: {
    status: 400,
    means: 'There is no account at the URL in `kid`, or no account with this key.',
    remedy: 'Create an account first.',
  },
  alreadyReplaced: {
    status: 409,
    means: 'The order names a certificate in `replaces` that was already replaced.',
    remedy: 'Order without `replaces`.',
  },
  alreadyRevoked: {
    status: 400,
    means: 'The certificate was revoked before.',
    remedy: 'You need not do anything: the certificate is already revoked.',
  },
  badCSR: {
    status: 400,
    means: 'The certificate request cannot be used: its names, its key or its signature.',
    remedy: 'Make a new request, with exactly the names of the order.',
  },
  badNonce: {
    status: 400,
    means: 'The nonce was used before or is too old, or the server was restarted.',
    remedy: 'Send the request again with the nonce of this answer. ACME clients do this automatically.',
  },
  badPublicKey: {
    status: 400,
    means: 'The account key has a type or a size that this server does not accept.',
    remedy: 'Use a key of P-256, P-384, Ed25519, or RSA with 2048 to 8192 bits.',
  },
  badRevocationReason: {
    status: 400,
    means: 'Subscribers cannot give this reason (RFC 5280 §5.3.1).',
    remedy: 'Give one of 0, 1, 3, 4, 5 and 9, or none.',
  },
  badSignatureAlgorithm: {
    status: 400,
    means:
      'The request is signed with an algorithm that the server does not support, or that does not fit the key.',
    remedy: 'Use one of the algorithms in the member `algorithms`.',
  },
  compound: {
    status: 400,
    means: 'The server refuses several identifiers, for different reasons.',
    remedy: 'See the subproblems.',
  },
  connection: {
    status: 400,
    means: 'The server could not connect to the name that it validates.',
    remedy: 'Open the port of the challenge to this server, and check `acme.networks`.',
  },
  dns: {
    status: 400,
    means: 'The name has no address, or DNS did not answer.',
    remedy: 'Check the records of the name, and the setting `acme.resolver`.',
  },
  externalAccountRequired: {
    status: 403,
    means: 'This server requires an external account binding for new accounts.',
    remedy: 'Get a key with `gatehouse acme eab create NAME`.',
  },
  incorrectResponse: {
    status: 403,
    means: 'The server reached the name, but did not find the answer that the challenge requires.',
    remedy: 'Check that the client that answers belongs to this account.',
  },
  invalidContact: {
    status: 400,
    means: 'A contact is not a valid `mailto:` URL with one address.',
    remedy: 'Correct the contact that the detail names.',
  },
  malformed: {
    status: 400,
    means: 'The request does not follow RFC 8555, or it names an object that this account does not have.',
    remedy: 'Correct the request as the detail says.',
  },
  orderNotReady: {
    status: 403,
    means: 'The names of the order are not all validated, or the order was already finalized.',
    remedy: 'Read the order and its authorizations, and finalize it when it is `ready`.',
  },
  rateLimited: {
    status: 429,
    means: 'This account, the client address or the server has reached a limit.',
    remedy: 'Try again after the time that `Retry-After` says.',
  },
  rejectedIdentifier: {
    status: 403,
    means: 'This server does not certify the name or the address.',
    remedy: 'Order another name, or change `acme.names` or `ca.profiles`.',
  },
  serverInternal: {
    status: 500,
    means: 'The server failed, or cannot do this now.',
    remedy: 'Try again later. The log has the cause under the request id.',
  },
  tls: {
    status: 400,
    means: 'The TLS handshake of the validation failed.',
    remedy: 'Check that the name answers `acme-tls/1` on the port of the challenge (RFC 8737).',
  },
  unauthorized: {
    status: 403,
    means:
      'The account is not allowed to do this, was deactivated, or does not own the object in the request.',
    remedy: 'Use the account that owns it, or validate the names first.',
  },
  unsupportedContact: {
    status: 400,
    means: 'The scheme of a contact is not `mailto:`.',
    remedy: 'Give an e-mail address, or none.',
  },
  unsupportedIdentifier: {
    status: 400,
    means: 'The type of an identifier is neither `dns` nor `ip`.',
    remedy: 'Order names and addresses only.',
  },
} as const satisfies Record<string, ProblemType>;
