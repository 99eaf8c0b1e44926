// Lines about the gateway: its processes, its certificates, upstreams and TLS.
import type { LogEventEntry } from './log-event.ts';
import { line, sample } from './log-event.ts';

const { address, error, notAfter, requestId } = sample;
const ordered = {
  names: ['api.example.com'],
  directory: 'https://acme-v02.api.letsencrypt.org/directory',
  notAfter,
};
const notOrdered = { ...ordered, reason: 'the directory answered 503', retryAt: '2029-12-31T12:05:00.000Z' };
const authorityFiles = 'the changed files of an upstream are not used: the old ones stay';
const certificateFiles = 'the changed certificate is not used: the old one stays';

export const gatewayEvents = {
  request: line('info', '', {
    requestId,
    principal: 'robot',
    via: 'apiKey',
    keyId: '2ubdimovt752s5jm',
    tokenId: '0198c2f4-…',
    certificateSerial: '4f3a…',
    method: 'GET',
    path: '/notes/1',
    route: '1:/notes/*',
    decision: 'allowed',
    reason: 'no policy permits POST',
    policies: ['route:/notes/*:only'],
    status: 200,
    bytesIn: 0,
    bytesOut: 512,
    durationMs: 1.204,
    upstreamMs: 0.871,
    address,
    tlsVersion: 'TLSv1.3',
    tlsGroup: 'X25519MLKEM768',
    tlsCipher: 'TLS_AES_256_GCM_SHA384',
    sealed: true,
  }),
  'gateway.access_log_failed': line('error', 'the access log cannot be written', { error }),
  'gateway.acme_certificate_in_force': line(
    'info',
    'a certificate of an ACME directory is in force',
    ordered,
  ),
  'gateway.acme_certificate_not_stored': line(
    'error',
    'a certificate of an ACME directory is not stored yet',
    {
      names: ordered.names,
      error,
    },
  ),
  'gateway.acme_challenge_not_removed': line('warn', 'the answer to a challenge was not removed', {
    reason: 'the data plane process has ended',
  }),
  'gateway.acme_failure_not_recorded': line('error', 'a failure was not recorded', { error }),
  'gateway.acme_no_renewal_info': line('warn', 'the directory did not say when to renew', {
    names: ordered.names,
    reason: 'the directory answered 503',
  }),
  'gateway.acme_not_obtained': line(
    'error',
    'no certificate from the ACME directory yet: the gateway presents one of its own authority',
    notOrdered,
  ),
  'gateway.acme_not_presented': line('error', 'the workers do not present a new certificate', {
    ...ordered,
    error,
  }),
  'gateway.acme_not_renewed': line(
    'error',
    'the ACME directory did not renew the certificate: the last one stays in use',
    notOrdered,
  ),
  'gateway.certificate_ends': line('warn', 'a certificate of gateway.certificates expires soon', {
    certificate: '/etc/tls/api.pem',
    notAfter,
  }),
  'gateway.certificate_in_force': line('info', 'the changed certificate is in force', {
    certificate: '/etc/tls/api.pem',
    names: ['api.example.com'],
  }),
  'gateway.certificate_refused': line('error', certificateFiles, {
    certificate: '/etc/tls/api.pem',
    reason: 'the key is not that of the certificate',
  }),
  'gateway.certificate_unusable': line('warn', certificateFiles, {
    certificate: '/etc/tls/api.pem',
    reason: 'the running workers cannot use keys of type ed25519',
  }),
  'gateway.channel_refused': line('info', 'an encrypted endpoint refused a request', {
    reason: 'cipher_text_repeated',
    clientId: '9b6a676f-48b4-4180-8511-5cb89483d1fc',
    requestId,
  }),
  'gateway.connections_limited': line(
    'warn',
    'the system’s limit of open files allows a gateway worker fewer clients than gateway.maxConnections: raise the limit (ulimit -n)',
    { maxConnections: 10_000, connections: 704, descriptors: 1024 },
  ),
  'gateway.handshakes_lost': line('warn', 'a gateway worker dropped records of handshakes', { lost: 120 }),
  'gateway.log_lines_lost': line('warn', 'a gateway worker dropped lines of its log', { lost: 120 }),
  'gateway.policy_failed': line('error', 'a policy could not be evaluated, so the policy had no effect', {
    policy: 'reports.cedar#2',
    reason: 'There is no attribute "department": ask with `has` first.',
  }),
  'gateway.request_failed': line('error', 'a request failed', { requestId, error }),
  'gateway.runtime': line('info', 'the gateway’s workers do not run on Bun', {
    runtime: 'Node 26.5.0',
    reason: 'tls.keyLog needs Node',
  }),
  'gateway.runtime_replaced': line(
    'warn',
    'the gateway’s processes died three times within a minute: the next ones run on Node',
    { from: 'Bun 1.3.4', to: 'Node 26.5.0' },
  ),
  'gateway.section_failed': line('error', 'a section cannot take effect', { error }),
  'gateway.unavailable': line('warn', 'a request got 503: the gateway could not serve it now', {
    requestId,
    reason: 'The request cannot be recorded at the moment.',
  }),
  'gateway.upstream_failed': line('warn', 'an upstream failed', {
    requestId,
    reason: 'upstream_connect: ECONNREFUSED',
  }),
  'gateway.worker_cannot_listen': line('error', 'a gateway worker cannot listen', { error }),
  'gateway.worker_failed': line('error', 'a gateway worker reports a failure', { error }),
  'gateway.worker_replaced': line('warn', 'replacing a gateway worker', {
    restarts: 1,
    cause: 'it was ended by SIGKILL',
  }),
  'tls.client_certificate_refused': line('info', 'client certificate refused', {
    reason: 'The client certificate was not issued here.',
    address,
  }),
  'tls.handshake_failed': line('debug', 'TLS handshake failed', {
    reason: 'the client offered no version that is allowed',
    address,
  }),
  'tls.key_log': line(
    'warn',
    'tls.keyLog is on: with this file, anyone can decrypt recorded connections. Delete it when you are done',
    { keyLog: '/var/lib/gatehouse/keys.log' },
  ),
  'tls.no_system_roots': line(
    'warn',
    'this system has no list of roots, so the gateway verifies upstreams with Mozilla’s list in Node: install the system’s list (the package ca-certificates), or set ca for each upstream',
    {},
  ),
  'upstream.certificate_ends': line('warn', 'a certificate of gateway.upstreams expires soon', {
    certificate: '/etc/tls/client.pem',
    notAfter,
  }),
  'upstream.files_in_force': line('info', 'the changed files of an upstream are in force', {
    upstream: 'orders',
  }),
  'upstream.files_refused': line('error', authorityFiles, {
    upstream: 'orders',
    reason: 'the key is not that of the certificate',
  }),
  'upstream.files_unusable': line('warn', authorityFiles, {
    upstream: 'orders',
    reason: 'the running workers cannot use keys of type ed25519',
  }),
} as const satisfies Readonly<Record<string, LogEventEntry>>;
