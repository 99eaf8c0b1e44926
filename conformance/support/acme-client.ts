// A small ACME client (RFC 8555) that sends everything that a test gives, right or wrong: one account, ES256,
// and http-01 to prove control.
import type { KeyObject } from 'node:crypto';
import { createPublicKey, hash, sign } from 'node:crypto';
import { Agent } from 'node:https';
import { createRequest, generatePrivateKey, parseSubjectName, signerFromKey } from '@gatehouse/x509';
import type { ChallengeServer } from './challenge-server.ts';
import { eventually } from './conditions.ts';
import type { Answer } from './https-client.ts';
import { ask } from './https-client.ts';

export interface AcmeServer {
  controlPort: number;
  /** PEM of the root certificate. */
  ca: string;
}

/** Members of the server's answers. A test knows which of them it reads. */
export interface AcmeObject {
  type: string;
  detail: string;
  status: string;
  url: string;
  token: string;
  authorizations: string[];
  finalize: string;
  certificate: string;
  challenges: AcmeObject[];
  error: AcmeObject;
  subproblems: AcmeObject[];
}

export interface AcmeAnswer {
  status: number;
  /** The resource's URL, if one is sent. */
  location: string;
  body: AcmeObject;
  text: string;
}

export interface Order extends AcmeObject {
  url: string;
}

export interface AcmeClient {
  /** The account's URL; set by `register`. */
  account: string;
  directory: Record<string, string>;
  keyAuthorization(token: string): string;
  nonce(): Promise<string>;
  /**
   * Signed by the account, or by its key if there is no account yet. Without a payload, a POST-as-GET.
   * `header` replaces members.
   */
  post(url: string, payload?: unknown, header?: Record<string, unknown>): Promise<AcmeAnswer>;
  /** Throws if the answer's status is 300 or above. */
  must(url: string, payload?: unknown): Promise<AcmeAnswer>;
  register(): Promise<void>;
  order(...names: string[]): Promise<Order>;
  /**
   * Answers a challenge of this type. For http-01 it publishes the key authorization. Resolves with the
   * decided authorization.
   */
  prove(authorization: string, type?: string): Promise<AcmeObject>;
  /** Proves control of every name. */
  proveAll(order: Order): Promise<void>;
  /** Sends the request; resolves with the URL of the certificate. */
  finalize(order: Order, csr: string): Promise<string>;
  /** Orders a certificate. Resolves with the chain, in PEM. */
  obtain(csr: string, ...names: string[]): Promise<string>;
  close(): void;
}

const JOSE = { 'content-type': 'application/jose+json' };

/** A client with a new key. `challenges`: the web server of its names. */
export async function createAcmeClient(
  server: AcmeServer,
  challenges: ChallengeServer,
  key: KeyObject = generatePrivateKey('P-256'),
): Promise<AcmeClient> {
  const { controlPort: port, ca } = server;
  const agent = new Agent({ keepAlive: true });
  const nonces: string[] = [];
  const jwk = publicJwk(key);
  const thumbprint = hash('sha256', JSON.stringify(jwk), 'base64url');

  async function send(method: string, url: string, body?: string): Promise<Answer> {
    const { pathname, search } = new URL(url);
    const answer = await ask({ port, ca, path: pathname + search, method, headers: JOSE, body, agent });
    const nonce = answer.headers['replay-nonce'];
    if (typeof nonce === 'string') nonces.push(nonce);
    return answer;
  }

  async function nonce(): Promise<string> {
    if (nonces.length === 0) await send('HEAD', client.directory.newNonce ?? '');
    return nonces.pop() ?? '';
  }

  const client: AcmeClient = {
    account: '',
    directory: await readDirectory(server, agent),
    keyAuthorization: (token) => `${token}.${thumbprint}`,
    nonce,
    async post(url, payload, header = {}) {
      const identity = client.account === '' ? { jwk } : { kid: client.account };
      const members = { alg: 'ES256', nonce: header.nonce ?? (await nonce()), url, ...identity, ...header };
      return acmeAnswer(await send('POST', url, signed(key, members, payload)));
    },
    async must(url, payload) {
      let answer = await client.post(url, payload);
      // A restarted server does not know its old nonces (RFC 8555 §6.5).
      if (answer.body?.type === 'urn:ietf:params:acme:error:badNonce')
        answer = await client.post(url, payload);
      if (answer.status < 300) return answer;
      throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${answer.text}`);
    },
    async register() {
      const { location } = await client.must(client.directory.newAccount ?? '', {});
      client.account = location;
    },
    async order(...names) {
      const identifiers = names.map((value) => ({ type: 'dns', value }));
      const { body, location } = await client.must(client.directory.newOrder ?? '', { identifiers });
      return { ...body, url: location };
    },
    async prove(authorization, type = 'http-01') {
      const { body } = await client.must(authorization);
      const challenge = body.challenges.find((each) => each.type === type);
      if (body.status !== 'pending' || !challenge) return body;
      challenges.answers.set(challenge.token, client.keyAuthorization(challenge.token));
      await client.must(challenge.url, {});
      return eventually('the validation', async () => {
        const { body: now } = await client.must(authorization);
        return now.status === 'pending' ? undefined : now;
      });
    },
    async proveAll({ authorizations }) {
      for (const authorization of authorizations) {
        const { status, ...rest } = await client.prove(authorization);
        if (status !== 'valid') throw new Error(`${authorization} is ${status}: ${JSON.stringify(rest)}`);
      }
    },
    async finalize({ finalize }, csr) {
      const { body, text } = await client.must(finalize, { csr });
      if (body.status === 'valid') return body.certificate;
      throw new Error(`the order was not fulfilled: ${text}`);
    },
    async obtain(csr, ...names) {
      const order = await client.order(...names);
      await client.proveAll(order);
      const { text } = await client.must(await client.finalize(order, csr));
      return text;
    },
    close: () => agent.destroy(),
  };
  return client;
}

/** A request for these names with a new key, in base64url. */
export function csrFor(...names: string[]): string {
  const subjectAltNames = names.map((name) => parseSubjectName(name));
  const { der } = createRequest({ subject: {}, subjectAltNames }, signerFromKey(generatePrivateKey('P-256')));
  return Buffer.from(der).toString('base64url');
}

async function readDirectory({ controlPort: port, ca }: AcmeServer, agent: Agent) {
  const answer = await ask({ port, ca, path: '/acme/directory', agent });
  return answer.json() as Record<string, string>;
}

function acmeAnswer({ status, headers, text }: Answer): AcmeAnswer {
  const isJson = /json/.test(headers['content-type'] ?? '');
  const body = (isJson ? JSON.parse(text()) : {}) as AcmeObject;
  return { status, location: headers.location ?? '', body, text: text() };
}

/** RFC 7515 §7.2.2. */
function signed(key: KeyObject, header: object, payload: unknown): string {
  const head = base64url(JSON.stringify(header));
  const content = payload === undefined ? '' : base64url(JSON.stringify(payload));
  const signature = sign('sha256', Buffer.from(`${head}.${content}`), { key, dsaEncoding: 'ieee-p1363' });
  return JSON.stringify({ protected: head, payload: content, signature: signature.toString('base64url') });
}

/** The members that RFC 7638 digests, in its order. */
function publicJwk(key: KeyObject): object {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return { crv, kty, x, y };
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
