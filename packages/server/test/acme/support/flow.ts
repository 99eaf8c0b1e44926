// The steps of an order that most tests need: a web server for http-01, an account, a name validated, a
// certificate.
import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import type { TestContext } from 'node:test';
import { createRequest, generatePrivateKey, parseSubjectName, signerFromKey } from '@gatehouse/x509';
import type { AcmeSettings } from '../../../src/acme/index.ts';
import type { ChallengeServer } from './challenges.ts';
import { challengePath, startChallengeServer } from './challenges.ts';
import type { TestClient } from './client.ts';
import { createClient } from './client.ts';
import type { AcmeAnswer, AcmeBody, TestAcme } from './server.ts';
import { startAcme } from './server.ts';

export interface Flow {
  server: TestAcme;
  web: ChallengeServer;
  client: TestClient;
}

/** A server, a registered account, and a web server on the port of http-01. */
export async function startFlow(t: TestContext, settings: Partial<AcmeSettings> = {}): Promise<Flow> {
  const web = await startChallengeServer(t);
  const server = await startAcme(t, { httpPort: web.port, ...settings });
  const client = await createClient(server);
  await client.register();
  return { server, web, client };
}

/** Serves the key authorization, and answers the http-01 challenge. */
export async function meetHttp01(
  { web, client }: Pick<Flow, 'web' | 'client'>,
  authorization: string,
): Promise<AcmeAnswer> {
  const { body } = await client.post(authorization);
  const challenge = challengeOf(body, 'http-01');
  web.files.set(challengePath(challenge.token), client.keyAuthorization(challenge.token));
  return client.post(challenge.url, {});
}

export function challengeOf({ challenges }: AcmeBody, type: string): AcmeBody['challenges'][number] {
  const found = challenges.find((challenge) => challenge.type === type);
  assert.ok(found, `no challenge ${type}`);
  return found;
}

/** An order that is ready to be finalized. */
export async function readyOrder(
  flow: Pick<Flow, 'web' | 'client'>,
  names: string[],
  more?: object,
): Promise<AcmeAnswer> {
  const order = await flow.client.order(names, more);
  assert.equal(order.status, 201, order.text);
  for (const authorization of order.body.authorizations) {
    const { body } = await flow.client.post(authorization);
    if (body.status !== 'valid') assert.equal((await meetHttp01(flow, authorization)).body.status, 'valid');
  }
  return order;
}

/** base64url of a request for these names. */
export function signingRequest(names: string[], key: KeyObject = generatePrivateKey('P-256')): string {
  const subjectAltNames = names.map((name) => parseSubjectName(name));
  return Buffer.from(createRequest({ subject: {}, subjectAltNames }, signerFromKey(key)).der).toString(
    'base64url',
  );
}

export interface Obtained {
  order: AcmeAnswer;
  /** PEM, leaf first. */
  chain: string;
  /** base64url of the leaf's DER. */
  der: string;
  serialNumber: string;
  key: KeyObject;
}

export async function obtain(
  flow: Pick<Flow, 'web' | 'client'>,
  names: string[],
  more?: object,
): Promise<Obtained> {
  const key = generatePrivateKey('P-256');
  const { body } = await readyOrder(flow, names, more);
  const order = await flow.client.post(body.finalize, { csr: signingRequest(names, key) });
  assert.equal(order.body.status, 'valid', order.text);
  const { text: chain } = await flow.client.post(order.body.certificate);
  const [, base64 = ''] = /-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(chain) ?? [];
  const der = Buffer.from(base64, 'base64').toString('base64url');
  return { order, chain, der, key, serialNumber: order.body.certificate.split('/').at(-1) ?? '' };
}
