// Authorities made with a foreign library that refuses nothing, the server on which one of them publishes its
// revocations, and a server with their certificates.
import { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import {
  createOcspRequest,
  createOcspResponder,
  encodeRevokedEntry,
  readCertificate,
  readOcspRequest,
  type Signer,
  signerFromKey,
  signRevocationList,
} from '@gatehouse/x509';
import { peculiar } from '../../packages/x509/test/support/peculiar.ts';

const DAY_MS = 86_400_000;
const { KeyUsageFlags } = peculiar;
/** For authorities. */
export const AUTHORITY_USAGE = new peculiar.KeyUsagesExtension(
  KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
  true,
);
/** The purpose of a server. */
export const SERVER = new peculiar.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']);
/** The name of every server here. */
export const LOCALHOST = new peculiar.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]);

type Extension = InstanceType<typeof peculiar.Extension>;

/** A name with a key. */
export interface Party {
  name: string;
  keys: CryptoKeyPair;
  pem: string;
}

export interface Order {
  name?: string;
  extensions?: readonly Extension[];
  /** From now on, both in days. */
  days?: readonly [from: number, to: number];
  keys?: CryptoKeyPair;
  hash?: 'SHA-1' | 'SHA-256';
}

/** The source of the rows. */
export interface Pki {
  root: Party;
  intermediate: Party;
  stranger: Party;
  issue(by: Party, order?: Order): Promise<Party>;
  authority(name: string, by: Party, extensions?: readonly Extension[], order?: Order): Promise<Party>;
  selfSigned(): Promise<Party>;
  keys(kind: 'RSA-1024'): Promise<CryptoKeyPair>;
  /** The address at which the authority answers and publishes. */
  url: string;
  revoke(party: Party): void;
  /** PEM of the current list of the intermediate. */
  list(): string;
  /** A stapled answer of the intermediate's responder. */
  staple(party: Party): Buffer;
  close(): void;
}

/** The certificates of a server. */
export interface Presented {
  /** The server's certificate first. */
  chain: readonly Party[];
  options?: TlsOptions;
  staple?: Buffer;
  /** Settings of the client, besides the root. */
  trust?: { crl?: string; revocation?: 'ask' | 'require'; pins?: readonly string[] };
}

/** A server with this certificate on 127.0.0.1. It closes every connection after the handshake. */
export async function servePresented({ chain, options, staple }: Presented) {
  const [leaf] = chain as [Party, ...Party[]];
  const key = KeyObject.from(leaf.keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  const server = createServer({ ...options, cert: chain.map(({ pem }) => pem).join(''), key }, (socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  });
  server.on('tlsClientError', () => {}); // clients that refuse it
  if (staple !== undefined) server.on('OCSPRequest', (_certificate, _issuer, answer) => answer(null, staple));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** Authorities, and the server on which one of them publishes its revocations. */
export async function createPki(): Promise<Pki> {
  const usual = () =>
    crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const revoked = new Map<string, Date>();
  const published = createHttpServer();
  await once(published.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(published.address() as AddressInfo).port}`;
  let serial = 0x40_00_00_00;

  async function sign(
    subject: string,
    by: { name: string; keys: CryptoKeyPair } | undefined,
    order: Order,
  ): Promise<Party> {
    const keys = order.keys ?? (await usual());
    const [from, to] = order.days ?? [-1, 30];
    serial += 1;
    const certificate = await peculiar.X509CertificateGenerator.create({
      serialNumber: serial.toString(16),
      subject: `CN=${subject}`,
      issuer: `CN=${by?.name ?? subject}`,
      notBefore: new Date(Date.now() + from * DAY_MS),
      notAfter: new Date(Date.now() + to * DAY_MS),
      publicKey: keys.publicKey,
      signingKey: (by ?? { keys }).keys.privateKey,
      signingAlgorithm: { name: 'ECDSA', hash: order.hash ?? 'SHA-256' },
      extensions: [...(order.extensions ?? [])],
    });
    return { name: subject, keys, pem: `${certificate.toString('pem')}\n` };
  }

  const authorityExtensions = [
    new peculiar.BasicConstraintsExtension(true, undefined, true),
    AUTHORITY_USAGE,
  ];
  const places = [
    new peculiar.AuthorityInfoAccessExtension({ ocsp: [`${url}/ocsp`], caIssuers: [`${url}/issuer`] }),
    new peculiar.CRLDistributionPointsExtension([`${url}/list`]),
  ];
  const root = await sign('Test Root', undefined, { extensions: authorityExtensions, days: [-90, 900] });
  const stranger = await sign('Strange Root', undefined, { extensions: authorityExtensions });
  const intermediate = await sign('Test Intermediate', root, { extensions: authorityExtensions });
  const signer: Signer = signerFromKey(KeyObject.from(intermediate.keys.privateKey));
  const times = () => ({
    thisUpdate: new Date(Date.now() - 60_000),
    nextUpdate: new Date(Date.now() + DAY_MS),
    producedAt: new Date(Date.now() - 60_000),
  });
  const responder = createOcspResponder({ certificate: intermediate.pem, issuer: intermediate.pem, signer });
  const statusOf = (serialNumber: string) => {
    const revokedAt = revoked.get(serialNumber);
    return revokedAt === undefined
      ? ({ status: 'good' } as const)
      : ({ status: 'revoked', revokedAt, reason: 'keyCompromise' } as const);
  };
  const list = () =>
    signRevocationList({
      issuer: readCertificate(intermediate.pem),
      signer,
      number: 1n,
      ...times(),
      entries: [...revoked].map(([serialNumber, revokedAt]) =>
        encodeRevokedEntry({ serialNumber, revokedAt, reason: 'keyCompromise' }),
      ),
    });
  const answers: Readonly<Record<string, (body: Buffer) => Uint8Array>> = {
    '/ocsp': (body) => responder.respond(readOcspRequest(body), { statusOf, ...times() }),
    '/list': () => list().der,
    '/issuer': () => readCertificate(intermediate.pem).der,
  };
  published.on('request', async (request, response) => {
    response.end(answers[request.url ?? '']?.(Buffer.concat(await request.toArray())));
  });
  return {
    root,
    intermediate,
    stranger,
    url,
    // Only the intermediate answers for its certificates.
    issue: (by, order = {}) =>
      sign(order.name ?? 'localhost', by, {
        ...order,
        extensions: [...(order.extensions ?? [SERVER, LOCALHOST]), ...(by === intermediate ? places : [])],
      }),
    authority: (name, by, extensions = authorityExtensions, order = {}) =>
      sign(name, by, { ...order, extensions }),
    selfSigned: () => sign('localhost', undefined, { extensions: [SERVER, LOCALHOST] }),
    keys: () =>
      crypto.subtle.generateKey(
        {
          name: 'RSASSA-PKCS1-v1_5',
          modulusLength: 1024,
          publicExponent: new Uint8Array([1, 0, 1]),
          hash: 'SHA-256',
        },
        true,
        ['sign', 'verify'],
      ),
    revoke: ({ pem }) =>
      void revoked.set(readCertificate(pem).serialNumber, new Date(Date.now() - 3_600_000)),
    list: () => list().pem,
    staple: ({ pem }) => {
      const question = createOcspRequest({ certificate: pem, issuer: intermediate.pem });
      return responder.respond(readOcspRequest(question), { statusOf, ...times() });
    },
    close: () => published.close(),
  };
}
