// What each error code of this package means, and what to do: for docs/errors.md. Programs need only the
// codes.

interface CodeText {
  means: string;
  remedy: string;
}

export const clientErrorCodes = {
  connect: {
    means: 'The client could not connect: the name, the network, the port or the handshake failed.',
    remedy: 'Check the URL, and that the server runs.',
  },
  timeout: {
    means: 'A time limit passed.',
    remedy: 'Try again, or raise the limit.',
  },
  tls_trust: {
    means: 'This client does not trust the certificate of the server.',
    remedy: 'Check the fingerprint of the root, then name its file with `--cacert`.',
  },
  client_certificate: {
    means: 'The server requires a client certificate, or does not accept this one.',
    remedy: 'Send a valid certificate from an authority that the server trusts.',
  },
  disconnected: {
    means: 'The connection ended before the answer was complete.',
    remedy: 'Try again. Check first whether the server has already carried out the request.',
  },
  protocol: {
    means:
      'The other side does not follow the protocol of the URL (HTTP, FTP or XML-RPC), or refuses with its own message.',
    remedy: 'Read the message. Check that the URL leads to a server of this protocol.',
  },
  identity_plaintext: {
    means: 'The client refused to send the credential over plain HTTP, where others can read it.',
    remedy: 'Use `https://`.',
  },
  identity_origin: {
    means: 'The credential belongs to another origin than this request.',
    remedy: 'Use the credential of this origin.',
  },
  plaintext_redirect: {
    means: 'The server redirects from `https://` to plain HTTP, where others can read and change everything.',
    remedy: 'Ask the operator for an address with `https://`, or set `plaintextRedirects`.',
  },
  pin: {
    means: 'The certificate of the server is trusted, but matches none of the pins of this client.',
    remedy: 'Compare the pins with the operator. Do not connect until they agree.',
  },
  channel_trust: {
    means:
      'No signer that this client trusts has signed the key of the encrypted endpoint, or the key has expired.',
    remedy: 'Compare the fingerprint with the operator. Send nothing until they agree.',
  },
  proxy: {
    means: 'The proxy refused the request, does not accept the credentials, or does not answer like a proxy.',
    remedy: 'Check the address of the proxy, and the credentials for it.',
  },
  http: {
    means: 'The status of the answer is 4xx or 5xx.',
    remedy: 'Read `problem` or `body` of the error.',
  },
  limit: {
    means: 'The answer is larger than this client accepts, or there are too many redirects.',
    remedy: 'Read it as a stream, or raise the limit if you trust the server.',
  },
  auth: {
    means: 'The server asks for a credential that this client cannot give, or did not issue a token.',
    remedy: 'Check the kind of credential that the server accepts.',
  },
  signature: {
    means: 'The answer is not signed, or its signature does not match this request and this content.',
    remedy:
      'Do not use the answer. Ask the operator whether the route signs its answers, and with which key.',
  },
  forbidden_address: {
    means: 'The name resolves to a private address, and this client connects to public addresses only.',
    remedy: 'Use the address of a public server, or allow private addresses.',
  },
  seal_trust: {
    means:
      'No signer that the client trusts has signed the gateway’s keys for sealed requests, or the keys have expired or are old.',
    remedy: 'Check `--cacert` or the pin. If they are right, someone on the way may have replaced the keys.',
  },
  seal_broken: {
    means:
      'The answer to a sealed request was changed or truncated on the way, or does not come from the gateway.',
    remedy: 'Try again. If it happens again, a proxy on the way may block sealed requests.',
  },
  aborted: {
    means: 'The signal of the caller ended the request.',
    remedy: 'Nothing: the caller ended the request on purpose.',
  },
} as const satisfies Record<string, CodeText>;
