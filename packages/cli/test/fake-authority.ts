// An admin API that issues certificates for all requests, with a root, an intermediate, and an inventory in
// memory.
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import {
  clientProfile,
  createIssuer,
  type GeneralName,
  generatePrivateKey,
  intermediateProfile,
  type ParsedRequest,
  parseSubjectName,
  readRequest,
  rootProfile,
  selfSignCertificate,
  serverClientProfile,
  signerFromKey,
  verifyRequest,
} from '@gatehouse/x509';
import type { Certificate } from '../src/connection/admin-api.ts';
import { type AdminCall, type FakeAdmin, startFakeAdmin } from './fake-admin.ts';

export interface FakeAuthority extends FakeAdmin {
  /** PEM. */
  root: string;
  issued: Certificate[];
  /** Called before each order and renewal is answered. */
  beforeAnswer: () => void;
  issue(request: Order): Certificate;
}

interface Order {
  request: string;
  names?: string[];
  profile?: string;
  lifetimeSeconds?: number;
}

const DAY_SECONDS = 86_400;

/** Its own root, in PEM. */
export function makeRoot(commonName?: string): string {
  return createAuthorities(commonName).root.pem;
}

export async function startFakeAuthority(t: TestContext): Promise<FakeAuthority> {
  const { root, intermediate, issue } = createAuthorities();
  const issued: Certificate[] = [];
  const record = (order: Order): Certificate => {
    authority.beforeAnswer();
    const certificate = issue(order, intermediate.pem);
    issued.push(certificate);
    return certificate;
  };
  const renew = (serial: string, { body }: AdminCall) => {
    const old = issued.find((each) => each.serial === serial);
    if (old === undefined) return { status: 404, body: { detail: `There is no certificate ${serial}.` } };
    const { request } = body as Order;
    return { status: 201, body: record({ request, names: old.names, profile: old.profile }) };
  };
  const revoke = (serial: string, { body }: AdminCall) => {
    const found = issued.find((each) => each.serial === serial);
    if (found === undefined) return { status: 404, body: { detail: `There is no certificate ${serial}.` } };
    return { body: Object.assign(found, { status: 'revoked', reason: Object(body).reason }) };
  };
  const authority = { root: root.pem, issued, beforeAnswer: () => {}, issue: record };
  const admin = await startFakeAdmin(t, {
    'POST /admin/certificates': ({ body }) => ({ status: 201, body: record(body as Order) }),
    'POST /admin/certificates/:serial/renew': (call) => renew(call.path.split('/')[3] ?? '', call),
    'POST /admin/certificates/:serial/revoke': (call) => revoke(call.path.split('/')[3] ?? '', call),
  });
  return Object.assign(authority, admin);
}

function createAuthorities(commonName = 'Test Root') {
  const rootKey = signerFromKey(generatePrivateKey('P-256'));
  const dates = (seconds: number) => ({
    notBefore: new Date(Date.now() - 300_000),
    notAfter: new Date(Date.now() + seconds * 1000),
  });
  const root = selfSignCertificate(
    { profile: rootProfile(), subject: { commonName }, ...dates(100 * DAY_SECONDS) },
    { signer: rootKey, randomBytes },
  );
  const signer = signerFromKey(generatePrivateKey('P-256'));
  const intermediate = createIssuer({ certificate: root.pem, signer: rootKey, randomBytes }).issue({
    profile: intermediateProfile(),
    subject: { commonName: 'Test Intermediate' },
    publicKey: signer.publicKey,
    ...dates(50 * DAY_SECONDS),
  });
  const issuer = createIssuer({ certificate: intermediate.pem, signer, randomBytes });
  const issue = (order: Order, above: string): Certificate => {
    const request = readRequest(order.request);
    verifyRequest(request);
    const { profile = 'server', lifetimeSeconds = DAY_SECONDS } = order;
    const names = order.names ?? namesOf(request);
    const made = issuer.issue({
      profile: profile === 'client' ? clientProfile() : serverClientProfile(),
      subject: {},
      subjectAltNames: profile === 'client' ? names.map(ownerName) : names.map(parseSubjectName),
      publicKey: request.spki,
      ...dates(lifetimeSeconds),
    });
    return {
      serial: made.serialNumber,
      profile,
      source: 'admin',
      names,
      notBefore: made.notBefore.toISOString(),
      notAfter: made.notAfter.toISOString(),
      issuedAt: new Date().toISOString(),
      owner: profile === 'client' ? { kind: 'service', name: names[0] ?? '' } : null,
      status: 'valid',
      revokedAt: null,
      reason: null,
      certificate: made.pem,
      chain: made.pem + above,
    };
  };
  return { root, intermediate, issue };
}

function ownerName(name: string): GeneralName {
  return { type: 'uniformResourceIdentifier', value: `urn:gatehouse:service:${encodeURIComponent(name)}` };
}

function namesOf({ extensions }: ParsedRequest): string[] {
  return extensions.subjectAltNames.map((name) => ('value' in name ? name.value : ''));
}
