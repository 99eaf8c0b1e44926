// Every line that the logs can have: its event, level and words, and a sample of its fields. The code writes
// lines only from here, and docs/log-events.md is generated from here. Events are stable, because programs
// compare them; the words may change.

/** How important a line is. */
export type EventLevel = 'debug' | 'info' | 'warn' | 'error';

/** One kind of line. `fields` has a plausible value for every field that it may have. */
export interface LogEventEntry {
  level: EventLevel;
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

function line<Fields extends Readonly<Record<string, unknown>>>(
  level: EventLevel,
  message: string,
  fields: Fields,
): { level: EventLevel; message: string; fields: Fields } {
  return { level, message, fields };
}

const error = {
  type: 'Error',
  message: 'ENOSPC: no space left on device, write',
  stack: 'Error: ENOSPC: …',
  code: 'ENOSPC',
};
const requestId = '0198c2f4-5a7b-7c3d-8e9f-0a1b2c3d4e5f';
const address = '192.0.2.7';
const notAfter = '2030-01-31T12:00:00.000Z';
const configuration = {
  file: '/etc/gatehouse/gatehouse.config.json',
  digest: 'sha256:9f86d0…',
  routes: 3,
  upstreams: 1,
  changed: ['gateway.routes'],
  needRestart: ['gateway.listen'],
};
const ordered = {
  names: ['api.example.com'],
  directory: 'https://acme-v02.api.letsencrypt.org/directory',
  notAfter,
};
const notOrdered = { ...ordered, reason: 'the directory answered 503', retryAt: '2029-12-31T12:05:00.000Z' };
const authorityFiles = 'the changed files of an upstream are not used: the old ones stay';
const certificateFiles = 'the changed certificate is not used: the old one stays';

/**
 * Lines of the server and of the data plane's processes.
 * @example
 * LOG_EVENTS['disk.full'].level; // 'warn'
 */
export const LOG_EVENTS = {
  ready: line('info', 'the gateway serves', {
    gateway: 'https://localhost:8443',
    control: 'https://localhost:9443',
    pki: 'http://localhost:9080',
    samples: null,
    upstream: 'http://127.0.0.1:3000',
    rootCertificate: '/var/lib/gatehouse/root.pem',
    rootFingerprint: 'sha256/…',
    configuration: { file: configuration.file, digest: configuration.digest, routes: 3, upstreams: 1 },
    administrator: { name: 'admin', passwordFile: null },
  }),
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
  'acme.dates_in_force': line('error', 'dates from when the clock was ahead are still in force', { error }),
  'acme.request_failed': line('error', 'an ACME request failed', { requestId, error }),
  'acme.validation_failed': line('error', 'a validation failed', { authorization: 'k3v…', error }),
  'acme.validation_not_recorded': line('error', 'a validation could not be recorded', {
    authorization: 'k3v…',
    error,
  }),
  'authz.policies_do_not_fit': line('warn', 'policies in force no longer fit what they read', {
    version: 3,
    policies: ['limits.cedar#2'],
    reason:
      'The policy limits.cedar#2 (limits.cedar:3:9) no longer fits what it reads, and forbids nothing …',
  }),
  'ca.certificate_ends': line('warn', 'a certificate expires soon and was not renewed', {
    serialNumber: '4f3a…',
    profile: 'client',
    names: ['robot'],
    owner: 'robot',
    notAfter,
  }),
  'ca.intermediate_ends': line(
    'warn',
    'the intermediate ends and the root is stored elsewhere: gatehouse ca request, sign it there, gatehouse ca import',
    { notAfter },
  ),
  'ca.lists_not_renewed': line(
    'warn',
    'the disk is full: revocation lists are not renewed, or without a record where they have ended',
    {},
  ),
  'ca.record_waits': line('warn', 'the disk is full: a certificate of our own is recorded later', {
    profile: 'server',
    serialNumber: '4f3a…',
  }),
  'ca.useless_certificates': line(
    'warn',
    'some certificates are useless below the intermediate in force: import another one',
    { reason: 'its name constraints exclude localhost' },
  ),
  'clock.stepped': line('warn', 'the clock was set back by 3600 s', {
    stepSeconds: -3600,
    clock: '2026-01-31T12:00:00.000Z',
  }),
  'configuration.in_force': line('info', 'the changed configuration is in force', configuration),
  'configuration.needs_restart': line('warn', 'changed settings need a restart', {
    settings: configuration.needRestart,
  }),
  'configuration.no_file': line(
    'info',
    'there is no configuration file to read again: the server was started without one',
    {},
  ),
  'configuration.other_file': line('warn', 'the server now uses another configuration file', {
    file: configuration.file,
    before: null,
  }),
  'configuration.refused': line('error', 'the configuration was not changed: the one in force stays', {
    reason: 'Unknown setting gateway.listn: did you mean gateway.listen?',
  }),
  'configuration.unchanged': line('info', 'the configuration was read again', configuration),
  'control.answer_not_sent': line('error', 'an answer could not be sent', { error }),
  'control.not_announced': line(
    'error',
    'commands may not find this server: control.json cannot be written',
    { error },
  ),
  'control.request_failed': line('error', 'a request to the control plane failed', { requestId, error }),
  'disk.full': line('warn', 'the disk of the data folder is full: free space on it', {}),
  'disk.no_reserve': line('warn', 'no space was reserved on the disk for the next start', { error }),
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
  'gateway.policy_failed': line('error', 'a policy could not be evaluated, so it had no effect', {
    policy: 'reports.cedar#2',
    reason: 'There is no attribute "department": ask with `has` first.',
  }),
  'gateway.request_failed': line('error', 'a request failed', { requestId, error }),
  'gateway.runtime': line('info', 'the runtime of the gateway’s workers', {
    runtime: 'Bun 1.3.4',
    reason: 'tls.keyLog needs Node',
  }),
  'gateway.runtime_replaced': line(
    'warn',
    'the gateway’s processes died three times within a minute: the next ones run on Node',
    { from: 'Bun 1.3.4', to: 'Node 26.5.0' },
  ),
  'gateway.section_failed': line('error', 'a section cannot take effect', { error }),
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
  'job.failed': line('error', 'a job failed', { job: 'renew revocation lists', error }),
  'identity.failures_not_stored': line(
    'error',
    'the counts of failed sign-ins could not be stored, so a restart would forget them',
    { error },
  ),
  'identity.passkey_refused': line('info', 'a passkey was refused', {
    reason: 'the challenge is not the one that was sent',
    user: 'alice',
    address,
    requestId,
  }),
  'identity.provider_failed': line('warn', 'a sign-in provider cannot be used', {
    provider: 'keycloak',
    reason: 'https://sso.example.com cannot be asked: nothing listens there',
    requestId,
  }),
  'identity.provider_refused': line('info', 'the answer of a sign-in provider was refused', {
    provider: 'keycloak',
    reason: 'unexpected JWT claim value encountered',
    address,
    requestId,
  }),
  'ledger.altered': line('error', 'the ledger was altered at entry 9', {
    seq: 9,
    reason: 'its hash does not match its content',
  }),
  'ledger.not_checked': line('error', 'the ledger could not be checked', { error }),
  'ledger.refusals_not_recorded': line('error', 'refusals were not recorded', { error }),
  'ledger.rollback_not_needed': line(
    'warn',
    '--accept-rollback was not needed: leave it out, so that the next older copy is noticed',
    {},
  ),
  'ledger.witness_contradicts': line('error', 'the witness at an address contradicts the ledger', {
    url: 'https://store.example.com/gatehouse/head.json',
    reason: 'the ledger ends at entry 41, but its witness has entry 61',
  }),
  'ledger.witness_failed': line('warn', 'the witness of the ledger cannot be written', {
    path: '/mnt/usb/witness.json',
    error,
  }),
  'ledger.witness_reached': line('info', 'the witness at an address has the head of the ledger again', {
    url: 'https://store.example.com/gatehouse/head.json',
    seq: 61,
  }),
  'ledger.witness_unreachable': line('warn', 'the witness at an address cannot be read', {
    url: 'https://store.example.com/gatehouse/head.json',
    error,
  }),
  'oauth.back_channel_failed': line('warn', 'clients did not get the message that a person signed out', {
    error,
  }),
  'oauth.client_not_told': line('warn', 'a client did not accept the message that a person signed out', {
    client: 'c7f…',
    error,
    again: true,
  }),
  'oauth.request_failed': line('error', 'the authorization server failed', { error }),
  'samples.encrypted.decrypted': line('info', 'a sample service decrypted a message', {
    clientId: 'c1',
    bytes: 12,
  }),
  'samples.encrypted.refused': line('info', 'a sample service refused a message', {
    reason: 'cipher_text_invalid',
    clientId: '9b6a676f-48b4-4180-8511-5cb89483d1fc',
    error,
  }),
  'samples.request.failed': line('error', 'a request to a sample service failed', {
    method: 'GET',
    path: '/echo',
    error,
  }),
  'samples.symmetric.decrypted': line('info', 'a sample service decrypted a token under the shared secret', {
    bytes: 12,
  }),
  'samples.symmetric.refused': line('info', 'a sample service refused a token', {}),
  'store.projection_rebuilt': line('error', 'building a projection again', { projection: 'crl', error }),
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
    'this system has no list of roots, so upstreams are verified by the list of Mozilla in Node: install the system’s list (the package ca-certificates), or set ca for each upstream',
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

/** The name of an event. */
export type LogEvent = keyof typeof LOG_EVENTS;

/**
 * The fields of an event. All may be left out. `message` replaces the words of the catalogue, and `worker`
 * says which
 * of the gateway's processes it is about.
 */
export type LogFacts<Event extends LogEvent> = {
  readonly [Field in keyof (typeof LOG_EVENTS)[Event]['fields']]?: unknown;
} & { readonly message?: string; readonly worker?: number };

/** Writes lines of the catalogue. Callers never pass secrets. */
export interface EventLog {
  event<Event extends LogEvent>(event: Event, facts?: LogFacts<Event>): void;
}
