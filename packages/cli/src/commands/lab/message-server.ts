// Servers of one message on loopback: over plain HTTP, and over TLS with a certificate that lives as long as they do.
// At /message they answer the message itself, at /token a Fernet token of it.
import { createPublicKey, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createFernet, generateFernetKey } from '@gatehouse/protocol';
import {
  createIssuer,
  encodePrivateKey,
  encodeSpki,
  generatePrivateKey,
  parseSubjectName,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
} from '@gatehouse/x509';

export interface MessageServer extends AsyncDisposable {
  httpUrl: string;
  httpsUrl: string;
  /** PEM: the root that its certificate leads to. */
  root: string;
}

const LIFETIME_MS = 3_600_000;

export async function startMessageServer(message: string): Promise<MessageServer> {
  const fernet = createFernet(generateFernetKey());
  const listener: RequestListener = async (request, response) => {
    const body = request.url === '/token' ? await fernet.encrypt(message) : message;
    response.sendDate = false;
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  };
  const { root, cert, key } = makeIdentity();
  const servers = [createServer(listener), createSecureServer({ cert, key }, listener)] as const;
  const [httpPort, httpsPort] = await Promise.all(servers.map(listen));
  return {
    httpUrl: `http://localhost:${httpPort}`,
    httpsUrl: `https://localhost:${httpsPort}`,
    root,
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function makeIdentity(): { root: string; cert: string; key: string } {
  const validity = {
    notBefore: new Date(Date.now() - LIFETIME_MS),
    notAfter: new Date(Date.now() + LIFETIME_MS),
  };
  const signer = signerFromKey(generatePrivateKey('P-256'));
  const { pem: root } = selfSignCertificate(
    { profile: rootProfile(), subject: { commonName: 'Root of gatehouse lab' }, ...validity },
    { signer, randomBytes },
  );
  const key = generatePrivateKey('P-256');
  const { pem: cert } = createIssuer({ certificate: root, signer, randomBytes }).issue({
    profile: serverProfile(),
    subject: {},
    subjectAltNames: [parseSubjectName('localhost')],
    publicKey: encodeSpki(createPublicKey(key)),
    ...validity,
  });
  return { root, cert, key: encodePrivateKey(key) };
}
