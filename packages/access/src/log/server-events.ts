// Lines about the server, its capabilities and its data folder.
import type { LogEventEntry } from './log-event.ts';
import { line, sample } from './log-event.ts';

const { address, error, notAfter, requestId } = sample;
const configuration = {
  file: '/etc/gatehouse/gatehouse.config.json',
  digest: 'sha256:9f86d0…',
  routes: 3,
  upstreams: 1,
  changed: ['gateway.routes'],
  needRestart: ['gateway.listen'],
};

export const serverEvents = {
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
  'acme.dates_in_force': line(
    'error',
    'some dates are still in force that were set while the clock was ahead',
    { error },
  ),
  'acme.request_failed': line('error', 'an ACME request failed', { requestId, error }),
  'acme.validation_failed': line('error', 'a validation failed', { authorization: 'k3v…', error }),
  'acme.validation_not_recorded': line('error', 'a validation could not be recorded', {
    authorization: 'k3v…',
    error,
  }),
  'authz.policies_do_not_fit': line(
    'warn',
    'some policies in force no longer fit the attributes that they read',
    {
      version: 3,
      policies: ['limits.cedar#2'],
      reason:
        'The policy limits.cedar#2 (limits.cedar:3:9) no longer fits the attributes that it reads, and forbids nothing …',
    },
  ),
  'ca.certificate_ends': line('warn', 'a certificate expires soon and was not renewed', {
    serialNumber: '4f3a…',
    profile: 'client',
    names: ['robot'],
    owner: 'robot',
    notAfter,
  }),
  'ca.intermediate_ends': line(
    'warn',
    'the intermediate expires soon, and the root is stored elsewhere: run gatehouse ca request, sign the request there, and run gatehouse ca import',
    { notAfter },
  ),
  'ca.lists_not_renewed': line(
    'warn',
    'the disk is full: revocation lists are not renewed, or expired lists are renewed without a record',
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
    'there is no configuration file to read again, because the server was started without one',
    {},
  ),
  'configuration.other_file': line('warn', 'the server now uses another configuration file', {
    file: configuration.file,
    before: null,
  }),
  'configuration.refused': line(
    'error',
    'the configuration was not changed: the current one stays in force',
    {
      reason: 'Unknown setting gateway.listn: did you mean gateway.listen?',
    },
  ),
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
  'identity.failures_not_stored': line(
    'error',
    'the counts of failed sign-ins could not be stored, so they would be lost in a restart',
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
    reason: 'https://sso.example.com cannot be reached: nothing listens there',
    requestId,
  }),
  'identity.provider_refused': line('info', 'the answer of a sign-in provider was refused', {
    provider: 'keycloak',
    reason: 'unexpected JWT claim value encountered',
    address,
    requestId,
  }),
  'job.failed': line('error', 'a job failed', { job: 'renew revocation lists', error }),
  'ledger.altered': line('error', 'the ledger was altered at entry 9', {
    seq: 9,
    reason: 'its hash does not match its content',
  }),
  'ledger.not_checked': line('error', 'the ledger could not be checked', { error }),
  'ledger.refusals_not_recorded': line('error', 'refusals were not recorded', { error }),
  'ledger.rollback_not_needed': line(
    'warn',
    '--accept-rollback was not needed: leave it out, so that the server notices the next older copy',
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
  'ledger.witness_reached': line('info', 'the witness at the address is up to date again', {
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
} as const satisfies Readonly<Record<string, LogEventEntry>>;
