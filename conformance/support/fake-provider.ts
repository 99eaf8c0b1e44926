// OpenID providers with right or wrong answers, as the test chooses: discovery, keys, tokens and UserInfo
// over TLS. A test plays the person: it reads the redirect of the browser, and makes the answer.
import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { CryptoKey, JWTPayload } from 'jose';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { TestAuthority } from './test-authority.ts';

type Members = Record<string, unknown>;

export interface Lies {
  /** Claims that replace those of the ID token. */
  claims?: Members;
  /** The signer of the ID token. */
  signature?: 'another key' | 'none';
  /** Parameters that replace those of the answer; undefined removes one. */
  answer?: Record<string, string | undefined>;
}

export interface FakeProvider {
  issuer: string;
  /** The answer for the browser that was sent to `location`: a URL of our callback. */
  answer(location: string, sub: string, lies?: Lies): string;
  logoutToken(claims: JWTPayload, lies?: { signature?: Lies['signature']; typ?: string }): Promise<string>;
  /** Answers requests for this path instead; undefined: the usual answer. */
  instead: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
  /** Members that replace those of its metadata; undefined removes one. */
  metadata: Members;
  /** More claims, at the UserInfo endpoint. */
  userinfo: Members;
  /** The number of requests for each path. */
  asked: string[];
  /** The mistakes in token requests that a provider would refuse. */
  flaws: string[];
}

export interface FakeProviders {
  /** By name. Each is a separate issuer on the same port. */
  at(name: string): FakeProvider;
  close(): Promise<void>;
}

export const CLIENT = { id: 'gatehouse', secret: 'a secret with % and :' };

interface Code {
  sub: string;
  asked: URLSearchParams;
  lies: Lies;
}

export async function startFakeProviders(authority: TestAuthority): Promise<FakeProviders> {
  const keys = await generateKeyPair('ES256');
  const otherKeys = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const providers = new Map<string, FakeProvider & { codes: Map<string, Code> }>();
  const { key, cert } = authority.issue();
  const server = createServer({ key, cert }, (request, response) => {
    const [, name = '', path = ''] = /^\/([\w-]+)(\/.*)?$/.exec(request.url ?? '') ?? [];
    const provider = at(name);
    provider.asked.push(path);
    const instead = provider.instead.get(path);
    if (instead) return instead(request, response);
    serve(path, provider, request).then(
      (body) => send(response, body === undefined ? 404 : 200, body ?? {}),
      (error: Error) => send(response, 400, { error: 'invalid_grant', error_description: error.message }),
    );
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;

  function at(name: string) {
    const known = providers.get(name) ?? create(`https://localhost:${port}/${name}`);
    providers.set(name, known);
    return known;
  }

  function create(issuer: string): FakeProvider & { codes: Map<string, Code> } {
    const codes = new Map<string, Code>();
    return {
      issuer,
      codes,
      instead: new Map(),
      metadata: {},
      userinfo: {},
      asked: [],
      flaws: [],
      answer(location, sub, lies = {}) {
        const asked = new URL(location).searchParams;
        const code = randomUUID();
        codes.set(code, { sub, asked, lies });
        const parameters = { code, state: asked.get('state') ?? '', iss: issuer, ...lies.answer };
        const given = Object.entries(parameters).filter(
          (pair): pair is [string, string] => pair[1] !== undefined,
        );
        return `${asked.get('redirect_uri')}?${new URLSearchParams(given)}`;
      },
      logoutToken: (claims, { signature, typ = 'logout+jwt' } = {}) =>
        sign(
          { iss: issuer, aud: CLIENT.id, jti: randomUUID(), events: { [LOGOUT]: {} }, ...claims },
          { signature, typ },
        ),
    };
  }

  async function serve(path: string, provider: ReturnType<typeof create>, request: IncomingMessage) {
    const { issuer } = provider;
    if (path === '/.well-known/openid-configuration')
      return without({ ...metadataOf(issuer), ...provider.metadata });
    if (path === '/jwks') return { keys: [jwk] };
    if (path === '/token') return tokens(provider, request);
    if (path !== '/userinfo') return undefined;
    const [, sub = ''] = /^Bearer (.*)$/.exec(request.headers.authorization ?? '') ?? [];
    return { sub, ...provider.userinfo };
  }

  async function tokens({ issuer, codes, flaws }: ReturnType<typeof create>, request: IncomingMessage) {
    const form = new URLSearchParams(await text(request));
    const code = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    if (!code) throw new Error('no such code');
    const flaw = flawOf(form, code.asked, request);
    if (flaw !== undefined) flaws.push(flaw);
    const { sub, asked, lies } = code;
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: CLIENT.id,
      sub,
      nonce: asked.get('nonce'),
      auth_time: now,
      ...lies.claims,
    };
    const idToken = await sign(claims, { signature: lies.signature, typ: 'JWT' });
    return { access_token: sub, token_type: 'Bearer', expires_in: 60, id_token: idToken };
  }

  async function sign(claims: Members, { signature, typ }: { signature: Lies['signature']; typ: string }) {
    const now = Math.floor(Date.now() / 1000);
    const payload = without({ iat: now, exp: now + 300, ...claims });
    if (signature === 'none') return `${part({ alg: 'none', typ })}.${part(payload)}.`;
    const signer: CryptoKey = signature === 'another key' ? otherKeys.privateKey : keys.privateKey;
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'one', typ }).sign(signer);
  }

  return {
    at,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout';

function metadataOf(issuer: string): Members {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
  };
}

function flawOf(
  form: URLSearchParams,
  asked: URLSearchParams,
  { headers }: IncomingMessage,
): string | undefined {
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (asked.get('code_challenge_method') !== 'S256') return 'no PKCE with S256';
  if (challenge !== asked.get('code_challenge')) return 'the verifier does not match';
  if (form.get('redirect_uri') !== asked.get('redirect_uri')) return 'another redirect URI';
  const [, basic = ''] = /^Basic (.*)$/.exec(headers.authorization ?? '') ?? [];
  if (form.get('client_secret') === CLIENT.secret && form.get('client_id') === CLIENT.id) return undefined;
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':').map(decoded);
  return id === CLIENT.id && secret === CLIENT.secret ? undefined : 'another client or secret';
}

const decoded = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
const part = (value: Members) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Omits a claim with the value undefined. */
function without(claims: Members): Members {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
