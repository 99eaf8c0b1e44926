// Admits some requests and prints the results. Runs under Node and under Bun.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { decodeJwt, exportJWK, SignJWT } from 'jose';
import type { AdmissionState, GatewayRoute, GatewaySections } from '../../src/index.ts';
import {
  compileSnapshot,
  createAdmission,
  defaultPolicies,
  GatehouseError,
  generateApiKey,
  hashSecret,
  packHash,
  parseRequestTarget,
  policiesOfRule,
  systemClock,
  TOKEN_TYPE,
} from '../../src/index.ts';

import { ANSWERS, createTestClaims, DIGEST, DPOP, SIGNATURES } from './claims.ts';

const issuer = 'https://localhost:9443';
const audience = 'https://localhost:8443';
const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const assertion = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const robot = generateApiKey();
const stranger = generateApiKey();

function route(position: number, path: string): [string, GatewayRoute] {
  const [methods, host] = [undefined, undefined];
  const upstream = 'http://127.0.0.1:3000';
  const accept = ['bearer', 'apiKey'] as const;
  const id = `${position}:${path}`;
  return [
    id,
    {
      id,
      policyName: path,
      position,
      path,
      host,
      methods,
      upstream,
      access: 'authenticated',
      accept,
      maxBodyBytes: 1,
    },
  ];
}

const key = { ...(await exportJWK(signing.publicKey)), kid: 'k1', use: 'sig', alg: 'ES256' };
const privateKey = String(assertion.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const sections: GatewaySections = {
  channels: new Map(),
  sealing: new Map(),
  sessions: new Map(),
  clients: new Map(),
  revocations: new Map(),
  users: new Map([['alice', { roles: ['user'], disabled: false, tokenEpoch: 1 }]]),
  keys: new Map([
    [
      robot.id,
      { name: 'robot', roles: ['user'], secretHash: packHash(hashSecret(robot.secret)), expiresAt: null },
    ],
  ]),
  services: new Map(),
  digests: new Map(),
  endedSignIns: new Map(),
  certificates: new Map(),
  issuers: new Map(),
  routes: new Map([route(0, '/admin'), route(1, '/*')]),
  policies: new Map([
    ...defaultPolicies(),
    ...policiesOfRule({ policyName: '/admin' }, { roles: ['admin'] }),
  ]),
  roles: new Map(),
  trust: new Map<string, { jwks: { keys: object[] }; issuer: string; audience: string } | object>([
    ['tokens', { jwks: { keys: [key] }, issuer, audience }],
    ['assertion', { privateKey, kid: 'a1', issuer }],
    ['digest', DIGEST],
    ['dpop', DPOP],
    ['signatures', SIGNATURES],
    ['answers', ANSWERS],
  ]) as GatewaySections['trust'],
  upstreams: new Map(),
  settings: new Map(),
  tls: new Map(),
};

const snapshot = compileSnapshot(sections, { clock: systemClock, claims: createTestClaims() });
const admission = createAdmission({ record: async () => {} }, systemClock.now);

async function ask(target: string, credential: { authorization?: string; apiKey?: string }) {
  const { authorization, apiKey } = credential;
  const state: AdmissionState = {
    requestId: randomUUID(),
    host: 'localhost',
    address: '127.0.0.1',
    presented: undefined,
    fields: [],
    tls: undefined,
    query: '',
    policies: undefined,
    method: 'GET',
    path: target,
    route: undefined,
    principal: undefined,
    decision: 'refused',
    reason: undefined,
    claimed: undefined,
    isRepeatable: false,
  };
  try {
    const { path } = parseRequestTarget(target);
    const request = {
      method: 'GET',
      host: 'localhost',
      target,
      path,
      authorization,
      apiKey,
      dpop: undefined,
      hasContent: false,
    };
    const matched = await admission.admit(state, request, snapshot);
    const principal = state.principal;
    if (!principal) return 'anonymous';
    const jwt = await snapshot.assertions.sign(principal, matched);
    return { principal: principal.name, assertionFor: decodeJwt(jwt).sub };
  } catch (error) {
    if (error instanceof GatehouseError) return error.code;
    throw error;
  }
}

const claims = { client_id: 'gatehouse', roles: ['user'], amr: ['pwd'], token_epoch: 1, jti: 'j1' };
const token = await new SignJWT(claims)
  .setProtectedHeader({ alg: 'ES256', typ: TOKEN_TYPE, kid: 'k1' })
  .setIssuer(issuer)
  .setAudience(audience)
  .setSubject('alice')
  .setIssuedAt()
  .setExpirationTime('1h')
  .sign(signing.privateKey);

const outcomes = {
  apiKey: await ask('/notes', { apiKey: robot.text }),
  token: await ask('/notes', { authorization: `Bearer ${token}` }),
  wrongKey: await ask('/notes', { apiKey: stranger.text }),
  wrongToken: await ask('/notes', { authorization: `Bearer ${token.slice(0, -10)}AAAAAAAAAA` }),
  forbidden: await ask('/admin', { apiKey: robot.text }),
  path: await ask('/a/../admin', { apiKey: robot.text }),
};
process.stdout.write(JSON.stringify(outcomes));
