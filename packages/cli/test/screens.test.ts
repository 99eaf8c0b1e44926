// Every list command on terminals of 80 and 120 columns, with long values: no line is wider than the
// terminal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AdminAnswers, startFakeAdmin } from './fake-admin.ts';
import { gatehouse } from './fake-process.ts';

const LONG = 'payments-reconciliation-batch-job-0.production.eu-central-1.ex';
const ROLES = ['warehouse-operator', 'auditor', 'user', 'metrics', 'invoice-approver'];
const times = {
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2040-01-01T00:00:00.000Z',
  lastUsedAt: new Date(Date.now() - 59 * 60_000).toISOString(),
  notAfter: '2040-01-01T00:00:00.000Z',
  signsAt: '2026-01-01T00:00:00.000Z',
  endsAt: '2040-01-01T00:00:00.000Z',
};

/** Sixty rows: every other one has long values. */
function rows<Row extends object>(row: Row, short: Partial<Row> = {}): Row[] {
  return Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? row : { ...row, ...short }));
}

const keys = rows(
  {
    id: 'tmbyqoem64yjevpl',
    name: LONG,
    roles: ROLES,
    scopes: ['orders:read', 'orders:write'],
    addresses: ['10.0.0.0/8', '2001:db8:1234:5678::/64'],
    state: 'revoked',
    revokedAt: times.createdAt,
    ...times,
  },
  { name: 'robot', roles: ['user'], scopes: [], addresses: [], lastUsedAt: '' },
);

const owner = { kind: 'service', name: LONG };
/** Members of users and services beside their roles. */
const described = { attributes: { department: 'payments' }, groups: ['staff'], disabled: false };
const path = `/orders/${'a'.repeat(60)}/items`;
const url = `http://pki.orders-and-fulfilment.example.com:9080/crl/${'ab'.repeat(20)}.crl`;
const entry = {
  seq: 123_456,
  time: times.createdAt,
  type: 'control.connection_refused',
  actor: { kind: 'anonymous', name: 'anonymous', address: '2001:db8:1234:5678:9abc:def0:1234:5678' },
  subject: LONG,
  outcome: 'failure',
  data: { method: 'DELETE', path, reason: 'neither role nor name is allowed by the route', requestId: LONG },
};
const settings = [
  {
    name: 'gateway.routes',
    value: [{ path, upstream: LONG, allow: { roles: ROLES } }],
    source: 'file',
    reloads: true,
  },
  {
    name: 'gateway.minBodyBytesPerSecond',
    value: 1024,
    source: 'GATEHOUSE_GATEWAY_MIN_BODY_BYTES_PER_SECOND',
    reloads: true,
  },
];

/** By path: their queries differ. */
const pages: Record<string, object> = {
  '/admin/certificates': {
    certificates: rows({
      serial: '41a22dab9aa939f8fa8c0123456789abcdef0123',
      names: [LONG, 'localhost', '2001:db8::1'],
      profile: 'intermediate',
      owner,
      status: 'superseded',
      source: 'admin',
      ...times,
    }),
  },
  '/admin/acme/accounts': {
    accounts: rows({
      id: '0'.repeat(32),
      owner,
      contact: [`mailto:${LONG}@example.com`],
      status: 'deactivated',
      ...times,
    }),
  },
  '/admin/audit': {
    entries: rows(entry, { type: 'identity.sign_in', outcome: 'success', data: {} as never }),
    searched: 60,
  },
  '/admin/tls/handshakes': {
    handshakes: rows({
      seq: 1,
      time: times.createdAt,
      address: '2001:db8:1234:5678:9abc:def0:1234:5678',
      version: 'TLSv1.3',
      cipher: 'TLS_CHACHA20_POLY1305_SHA256',
      group: 'X25519MLKEM768',
      sni: LONG,
      alpn: null,
      resumed: true,
      durationMs: 12_345.6,
      failure:
        'the client presented a certificate that was not issued here, and the listener requires one of ours',
      peerCertificate: { serialNumber: '41a22dab9aa939f8' },
    }),
  },
};

const user = { name: LONG, roles: ROLES, ...described, ...times };
const client = {
  client_id: 'c'.repeat(26),
  name: LONG,
  state: 'disabled',
  service: LONG,
  grants: ['authorization_code', 'refresh_token', 'client_credentials'],
  authMethod: 'client_secret_basic',
  redirectUris: [`https://${LONG}/callback`, 'http://127.0.0.1/callback'],
  scopes: ['openid', 'orders:read', 'orders:write'],
  backchannelLogoutUri: null,
  ...times,
};
const details = {
  ...user,
  groups: ['staff', 'warehouse-and-logistics', 'invoice-approvers', 'on-call-this-week', 'first-aid'],
  effectiveRoles: ROLES,
  totpSince: times.createdAt,
  recoveryCodesLeft: 10,
  passkeys: [{ id: 'p'.repeat(43), name: 'The phone in the drawer', ...times }],
  providers: [],
};

const answers: AdminAnswers = {
  'GET /admin/keys?revoked=true': { body: keys },
  'GET /admin/users': { body: rows({ ...user, disabled: true }) },
  'GET /admin/services': { body: rows(user) },
  [`GET /admin/services/${LONG}`]: { body: { ...user, keys } },
  [`GET /admin/users/${LONG}`]: { body: details },
  'GET /admin/groups': { body: rows(user) },
  [`GET /admin/groups/${LONG}`]: { body: { ...user, members: Array(20).fill('alice.of.accounting') } },
  'GET /admin/clients': { body: rows(client) },
  [`GET /admin/clients/${LONG}`]: { body: client },
  'GET /admin/sessions': {
    body: rows({
      id: 's'.repeat(16),
      user: LONG,
      host: LONG,
      methods: ['password', 'totp'],
      address: '2001:db8:1234:5678:9abc:def0:1234:5678',
      lastSeenAt: times.lastUsedAt,
      ...times,
    }),
  },
  'GET /admin/policies/versions': {
    body: {
      versions: rows({
        version: 123,
        appliedAt: times.createdAt,
        appliedBy: owner,
        policies: 1000,
        digest: `sha256:${'a'.repeat(64)}`,
        note: 'only the night shift may open the warehouse, after the audit of last year',
      }),
    },
  },
  'GET /admin/keyring': {
    body: rows({ use: 'access-token', kid: 'x'.repeat(43), state: 'retiring', ...times }),
  },
  'GET /admin/acme/eab': {
    body: { keys: rows({ kid: 'a'.repeat(24), kind: 'service', name: LONG, ...times }) },
  },
  'GET /admin/config': {
    body: {
      file: `/etc/${LONG}/gatehouse.config.json`,
      digest: `sha256:${'a'.repeat(64)}`,
      routes: 60,
      upstreams: 60,
      settings,
    },
  },
  'GET /admin/ca': {
    body: {
      authorities: rows({
        role: 'intermediate',
        state: 'retired',
        subject: `CN=${LONG} Intermediate,O=${LONG}`,
        keyType: 'ML-DSA-87',
        keyOnline: false,
        pin: `sha256/${'a'.repeat(44)}`,
        ...times,
      }),
      urls: { roots: url, crl: url, ocsp: url, acmeDirectory: url },
    },
  },
  ...Object.fromEntries(Object.entries(pages).map(([page, body]) => [`GET ${page}\\?:query`, { body }])),
};

const COMMANDS = [
  'key list --all',
  'user list',
  `user show ${LONG}`,
  'service list',
  `service show ${LONG}`,
  'group list',
  `group show ${LONG}`,
  'client list',
  `client show ${LONG}`,
  'session list',
  'policy history',
  'cert list --all',
  'acme accounts',
  'acme eab list',
  'ca show',
  'config show',
  'keyring list',
  'audit tail',
  'tls log',
];

for (const columns of [80, 120]) {
  test(`no line of a list is wider than a terminal of ${columns} columns`, async (t) => {
    const admin = await startFakeAdmin(t, answers);
    for (const command of COMMANDS) {
      const options = { env: { ...admin.env, NO_COLOR: '1' }, terminal: true, columns };
      const { stdout, stderr, status } = await gatehouse(command.split(' '), options);
      assert.equal(status, 0, `${command}: ${stderr}`);
      const lines = stdout.trimEnd().split('\n');
      assert.ok(lines.length > 2, command);
      // A URL or a path that is longer than the line stays whole, so that people can copy it.
      const wide = lines.filter((line) => [...line].length > columns && !/^ *\S+$/.test(line));
      assert.deepEqual(wide, [], command);
    }
  });
}
