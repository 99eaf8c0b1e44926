// `gatehouse cert …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { KEY_TYPES, REASONS } from '../../choices.ts';
import {
  argument,
  explained,
  force,
  management,
  repeated,
  toggle,
  value,
  withExamples,
} from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';

const duration = (brief: string) =>
  ({ kind: 'parsed', parse: parseDuration, optional: true, brief, placeholder: 'DURATION' }) as const;

const profile = value(
  'What the certificate is for: server, client, peer, or a profile of the configuration (default: server)',
  'PROFILE',
);
const lifetime = {
  ...duration("How long it is valid, for example 12h (default: the profile's)"),
  parse: parseLifetime,
};

/** The API's limit, for every profile. */
const LONGEST_DAYS = 366;

function parseLifetime(text: string): number {
  const seconds = parseDuration(text);
  if (seconds <= LONGEST_DAYS * 86_400) return seconds;
  throw new TypeError(`expected at most ${LONGEST_DAYS}d, or what the profile allows`);
}
const keyType = (fallback: string) =>
  ({
    kind: 'enum',
    values: KEY_TYPES,
    optional: true,
    placeholder: 'KIND',
    brief: `Kind of key (default: ${fallback})`,
  }) as const;
const passphraseFile = value('Encrypt the key with the passphrase in this file', 'FILE');
const ownerRole = repeated(
  'Role of the service, if a client certificate is for a new service (default: user)',
  'ROLE',
);

const serialOrFile = argument('Serial number, or file of the certificate', 'SERIAL|FILE');

const issueBrief = 'Make a key on this machine, and get a certificate for it';

const issue = buildCommand({
  loader: async () => (await import('./issue.ts')).certIssue,
  parameters: {
    flags: {
      profile,
      out: value('Folder for NAME.pem and NAME.key (default: the current folder)', 'DIR'),
      keyType: keyType('P-256'),
      role: ownerRole,
      lifetime,
      passphraseFile,
      force,
      ...management,
    },
    positional: {
      kind: 'array',
      parameter: argument('DNS name or IP address; for a client certificate the user or service', 'NAME'),
      minimum: 1,
    },
  },
  docs: {
    brief: issueBrief,
    fullDescription: withExamples(
      issueBrief,
      'gatehouse cert issue www.example.com example.com --out /etc/nginx',
      'gatehouse cert issue robot --profile client --role user',
    ),
  },
});

const sign = buildCommand({
  loader: async () => (await import('./sign.ts')).certSign,
  parameters: {
    flags: {
      out: value('Write the certificate and its chain to this new file (default: standard output)', 'FILE'),
      profile,
      name: repeated('Name in the certificate (default: the names in the request)', 'NAME'),
      role: ownerRole,
      lifetime,
      force,
      ...management,
    },
    positional: { kind: 'tuple', parameters: [argument('Certificate request (PKCS #10)', 'FILE')] },
  },
  docs: explained(
    'Get a certificate for a request that you made elsewhere',
    'gatehouse cert sign www-csr.pem --out www.pem',
  ),
});

const renewBrief = 'Replace a certificate and its key with new ones for the same names';

const renew = buildCommand({
  loader: async () => (await import('./renew.ts')).certRenew,
  parameters: {
    flags: {
      key: value('Private key of the certificate (default: the same name with .key)', 'FILE'),
      out: value('With a serial number: write the certificate to this file, and its key beside it', 'FILE'),
      sameKey: toggle('Use the same key again, instead of a new one'),
      keyType: keyType("the old one's"),
      passphraseFile: value('Read and write the key with the passphrase in this file', 'FILE'),
      watch: toggle('Keep running until SIGTERM, and renew after two thirds of each lifetime'),
      exec: value('Run this after each renewal, without a shell: the command is split at spaces', 'COMMAND'),
      ...management,
    },
    positional: { kind: 'tuple', parameters: [serialOrFile] },
  },
  docs: {
    brief: renewBrief,
    fullDescription: withExamples(
      renewBrief,
      "gatehouse cert renew www.example.com.pem --watch --exec 'nginx -s reload'",
      'gatehouse cert renew robot.pem --server https://gatehouse.example.com:9443 \\',
      '    --cacert root.pem',
    ),
  },
});

const revoke = buildCommand({
  loader: async () => (await import('./revoke.ts')).certRevoke,
  parameters: {
    flags: {
      reason: {
        kind: 'enum',
        values: REASONS,
        optional: true,
        placeholder: 'REASON',
        brief: 'Reason for the revocation (RFC 5280 §5.3.1)',
      },
      ...management,
    },
    positional: { kind: 'tuple', parameters: [serialOrFile] },
  },
  docs: explained(
    'Revoke a certificate; it is refused at once',
    'gatehouse cert revoke www.example.com.pem --reason superseded',
  ),
});

const list = buildCommand({
  loader: async () => (await import('./list.ts')).certList,
  parameters: {
    flags: {
      expiring: duration('Only certificates that expire within this time, for example 7d'),
      status: {
        kind: 'enum',
        values: ['valid', 'expired', 'revoked'],
        optional: true,
        brief: 'Only certificates with this status',
      },
      profile: value('Only certificates of this profile', 'PROFILE'),
      name: value('Only certificates with this name', 'NAME'),
      all: toggle('Also list the authority itself: root, intermediates, OCSP responders'),
      ...management,
    },
  },
  docs: explained('List the certificates', 'gatehouse cert list', 'gatehouse cert list --expiring 7d'),
});

const show = buildCommand({
  loader: async () => (await import('./show.ts')).certShow,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [serialOrFile] } },
  docs: explained('Show a certificate', 'gatehouse cert show www.example.com.pem'),
});

export const cert = buildRouteMap({
  routes: { issue, sign, renew, revoke, list, show },
  docs: { brief: 'Certificates from the running server' },
});
