// What each error code of this package means, and what to do: for docs/errors.md. Programs need the codes only.

interface CodeText {
  means: string;
  remedy: string;
}

export const clientErrorCodes = {
  connect: {
    means: 'There is no connection: the name, the network, the port or the handshake.',
    remedy: 'Check the URL, and that the server runs.',
  },
  timeout: {
    means: 'A limit of the timeouts passed.',
    remedy: 'Try again, or raise the limit.',
  },
  tls_trust: {
    means: 'This client does not trust the certificate of the server.',
    remedy: 'Give the root of the server with `--cacert`, after you checked its fingerprint.',
  },
  client_certificate: {
    means: 'The server requires a client certificate, or does not accept this one.',
    remedy: 'Give a certificate that its authority issued and that is valid.',
  },
  disconnected: {
    means: 'The connection ended before the answer was complete.',
    remedy: 'Try again. Check first whether the server did what was asked.',
  },
  protocol: {
    means: 'The answer is not valid HTTP (RFC 9112).',
    remedy: 'Check that the URL leads to an HTTP server.',
  },
  identity_plaintext: {
    means: 'The credential would go over plain HTTP, where others can read it.',
    remedy: 'Use `https://`.',
  },
  identity_origin: {
    means: 'The credential belongs to another origin than this request.',
    remedy: 'Use the credential of this origin.',
  },
} as const satisfies Record<string, CodeText>;
