// A small ACME client (RFC 8555) for the load: http-01 only, one open connection for each session, and keys
// that were made in advance. It polls at once if an answer says that the work is done, and otherwise after a
// pause that is the same for every server.
import type { KeyObject } from 'node:crypto';
import { createHash, createPublicKey, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { generatePrivateKey } from '@gatehouse/x509';
import type { HttpAnswer } from '../../harness/http-connection.ts';
import { createHttpConnection } from '../../harness/http-connection.ts';
import type { PreparedRequest } from './certificate-requests.ts';
import { checkCertificate } from './certificate-requests.ts';
import type { ChallengeAnswers } from './challenge-answers.ts';

export interface AcmeServer {
  /** URL of the directory. */
  directory: string;
  /** PEM of the root of its own TLS certificate. */
  root: string;
}

export interface AcmeAccount {
  key: KeyObject;
  url: string;
  thumbprint: string;
}

export interface AcmeSession {
  register(): Promise<AcmeAccount>;
  /**
   * From the order to the certificate. Checks its key and name. Rejects with the step and the server's
   * reason.
   */
  order(account: AcmeAccount, request: PreparedRequest): Promise<void>;
  close(): void;
}

const PAUSE_MS = 10;
const MOST_POLLS = 500;
const JOSE = 'Content-Type: application/jose+json\r\n';
const BAD_NONCE = 'urn:ietf:params:acme:error:badNonce';

/** Reads the directory. */
export async function openAcmeSession(
  server: AcmeServer,
  challengeAnswers: ChallengeAnswers,
): Promise<AcmeSession> {
  const url = new URL(server.directory);
  const connection = createHttpConnection({ host: url.hostname, port: Number(url.port), root: server.root });
  const directory = jsonOf<Directory>(await connection.exchange({ method: 'GET', target: url.pathname }));
  let nonce: string | undefined;

  async function nextNonce(): Promise<string> {
    const kept = nonce;
    nonce = undefined;
    if (kept !== undefined) return kept;
    const { headers } = await connection.exchange({ method: 'HEAD', target: targetOf(directory.newNonce) });
    const fresh = headers.get('replay-nonce');
    if (fresh === undefined) throw new Error('newNonce: no nonce came');
    return fresh;
  }

  async function sendOnce({ to, payload, signer }: SignedMessage): Promise<HttpAnswer> {
    const body = signedBody(
      { header: { nonce: await nextNonce(), url: to, ...signer.header }, payload },
      signer.key,
    );
    const answer = await connection.exchange({ method: 'POST', target: targetOf(to), fields: JOSE, body });
    nonce = answer.headers.get('replay-nonce');
    return answer;
  }

  async function send(step: string, message: SignedMessage): Promise<HttpAnswer> {
    let answer = await sendOnce(message);
    // A client should try again with the nonce of the answer (RFC 8555 §6.5).
    if (answer.status === 400 && problemType(answer) === BAD_NONCE) answer = await sendOnce(message);
    if (answer.status < 400) return answer;
    throw new Error(
      `${step}: ${answer.status} ${problemType(answer).replace('urn:ietf:params:acme:error:', '')}`,
    );
  }

  function as({ key, url: kid }: AcmeAccount) {
    const signer = { key, header: { kid } };
    return (step: string, to: string, payload?: object) => send(step, { to, payload, signer });
  }

  return {
    async register() {
      const key = generatePrivateKey('P-256');
      const jwk = publicJwk(key);
      const payload = { termsOfServiceAgreed: true };
      const answer = await send('newAccount', {
        to: directory.newAccount,
        payload,
        signer: { key, header: { jwk } },
      });
      return { key, url: locationOf(answer), thumbprint: thumbprintOf(jwk) };
    },
    async order(account, request) {
      const post = as(account);
      const identifiers = [{ type: isIP(request.name) === 0 ? 'dns' : 'ip', value: request.name }];
      const created = await post('newOrder', directory.newOrder, { identifiers });
      const { authorizations, finalize } = jsonOf<Order>(created);
      for (const authorization of authorizations) {
        await proveControl(post, { authorization, thumbprint: account.thumbprint, challengeAnswers });
      }
      const csr = Buffer.from(request.der).toString('base64url');
      const finalized = jsonOf<Order>(await post('finalize', finalize, { csr }));
      const { certificate } = await untilDone(finalized, async () =>
        jsonOf<Order>(await post('order', locationOf(created))),
      );
      if (certificate === undefined) throw new Error('order: it has no certificate');
      const chain = await post('certificate', certificate);
      checkCertificate(chain.body.toString('latin1'), request);
    },
    close: connection.close,
  };
}

interface Directory {
  newNonce: string;
  newAccount: string;
  newOrder: string;
}

interface Progress {
  status: string;
  error?: { type?: string };
}

interface Order extends Progress {
  authorizations: string[];
  finalize: string;
  certificate?: string;
}

interface Authorization extends Progress {
  challenges: { type: string; url: string; token: string; error?: { type?: string } }[];
}

interface SignedMessage {
  to: string;
  /** Absent for POST-as-GET (RFC 8555 §6.3). */
  payload: object | undefined;
  signer: { key: KeyObject; header: object };
}

type Post = (step: string, to: string, payload?: object) => Promise<HttpAnswer>;

async function proveControl(
  post: Post,
  proof: { authorization: string; thumbprint: string; challengeAnswers: ChallengeAnswers },
): Promise<void> {
  const { authorization, thumbprint, challengeAnswers } = proof;
  const read = async () => jsonOf<Authorization>(await post('authorization', authorization));
  const { status, challenges } = await read();
  // An authorization of an earlier order would save this server work that the others do.
  if (status !== 'pending')
    throw new Error(`authorization: it is ${status} before the challenge was answered`);
  const challenge = challenges.find(({ type }) => type === 'http-01');
  if (!challenge) throw new Error('authorization: no http-01 is offered');
  challengeAnswers.set(challenge.token, `${challenge.token}.${thumbprint}`);
  try {
    const answered = jsonOf<Progress>(await post('challenge', challenge.url, {}));
    if (answered.status !== 'valid') await delay(PAUSE_MS);
    await untilDone(await read(), read);
  } finally {
    challengeAnswers.delete(challenge.token);
  }
}

/** Polls until it is valid. Throws if it becomes invalid. */
async function untilDone<T extends Progress>(first: T, read: () => Promise<T>): Promise<T> {
  let current = first;
  for (let polls = 0; current.status !== 'valid'; polls += 1) {
    const isOpen = ['pending', 'processing', 'ready'].includes(current.status) && polls < MOST_POLLS;
    if (!isOpen) throw new Error(`it became ${current.status}: ${JSON.stringify(current).slice(0, 600)}`);
    await delay(PAUSE_MS);
    current = await read();
  }
  return current;
}

function signedBody(
  { header, payload }: { header: object; payload: object | undefined },
  key: KeyObject,
): string {
  const head = base64url(JSON.stringify({ alg: 'ES256', ...header }));
  const content = payload === undefined ? '' : base64url(JSON.stringify(payload));
  const signature = sign('sha256', Buffer.from(`${head}.${content}`), { key, dsaEncoding: 'ieee-p1363' });
  return JSON.stringify({ protected: head, payload: content, signature: signature.toString('base64url') });
}

function publicJwk(key: KeyObject) {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return { crv, kty, x, y };
}

/** RFC 7638: the members are already in the required order. */
function thumbprintOf(jwk: object): string {
  return createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function targetOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function locationOf({ headers }: HttpAnswer): string {
  const location = headers.get('location');
  if (location === undefined) throw new Error('no Location came');
  return location;
}

function jsonOf<T>({ body }: HttpAnswer): T {
  return JSON.parse(body.toString('utf8')) as T;
}

function problemType({ body }: HttpAnswer): string {
  try {
    return String((JSON.parse(body.toString('utf8')) as { type?: unknown }).type);
  } catch {
    return body.toString('latin1', 0, 80);
  }
}
