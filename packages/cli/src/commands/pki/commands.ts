// `gatehouse pki …`: options and help of the tools for keys and certificates in files. No server is needed.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { KEY_TYPES, REASONS } from '../../choices.ts';
import { parseDuration } from '../../duration.ts';
import { argument, force, repeated, toggle, value, withExamples } from '../../flags.ts';

const file = (brief: string) => ({ kind: 'parsed', parse: String, brief, placeholder: 'FILE' }) as const;
const fileArgument = (brief: string) => argument(brief, 'FILE');

const lifetime = (fallback: string) =>
  ({
    kind: 'parsed',
    parse: parseDuration,
    default: fallback,
    brief: 'How long it is valid',
    placeholder: 'DURATION',
  }) as const;

const output = {
  force,
  json: toggle('Print one JSON document'),
} as const;

const keyPassphrase = value(
  'File with the passphrase of the key (default: asks where one is needed)',
  'FILE',
);

const subject = {
  commonName: value('Common name (CN)', 'NAME'),
  organization: value('Organization (O)', 'NAME'),
  organizationalUnit: value('Organizational unit (OU)', 'NAME'),
  locality: value('Town (L)', 'NAME'),
  state: value('State or province (ST)', 'NAME'),
  country: value('Country (C), two capital letters', 'CC'),
} as const;

const authority = {
  ca: file('Certificate of the authority; its own issuers may follow in the file'),
  caKey: file("The authority's private key"),
  passphraseFile: keyPassphrase,
} as const;

const key = buildCommand({
  loader: async () => (await import('./key.ts')).pkiKey,
  parameters: {
    flags: {
      type: {
        kind: 'enum',
        values: KEY_TYPES,
        optional: true,
        placeholder: 'KIND',
        brief: 'Kind of key (default: P-256)',
      },
      from: value('Take the key in this file, of any form, and make no new one', 'FILE'),
      fromPassphraseFile: value('File with the passphrase of that key', 'FILE'),
      out: file('Write the private key to this file, which you alone can read'),
      public: value('Write the public key to this file', 'FILE'),
      passphraseFile: value('Encrypt the key with the passphrase in this file', 'FILE'),
      passphrase: toggle('Encrypt the key; asks for the passphrase'),
      ...output,
    },
  },
  docs: { brief: 'Make a private key, or write one in another form' },
});

const ca = buildCommand({
  loader: async () => (await import('./ca.ts')).pkiCa,
  parameters: {
    flags: {
      key: file('Its private key'),
      passphraseFile: keyPassphrase,
      out: file('Write the certificate to this file'),
      ...subject,
      lifetime: lifetime('3650d'),
      pathLength: {
        kind: 'parsed',
        parse: parsePathLength,
        optional: true,
        brief: 'How many authorities may follow below it (default: any number)',
        placeholder: 'N',
      },
      permit: repeated('Only hosts like this one: example.com, 10.0.0.0/8; or email:example.com', 'NAMES'),
      exclude: repeated('No names like this one', 'NAMES'),
      ...output,
    },
  },
  docs: { brief: 'Make the certificate of a root authority' },
});

const csr = buildCommand({
  loader: async () => (await import('./csr.ts')).pkiCsr,
  parameters: {
    flags: {
      key: file('The private key that the certificate is to be for'),
      passphraseFile: keyPassphrase,
      out: file('Write the request to this file'),
      name: repeated('Name to be known by: a DNS name, IP address, e-mail address or URI', 'NAME'),
      ...subject,
      ...output,
    },
  },
  docs: { brief: 'Make a certificate request' },
});

const sign = buildCommand({
  loader: async () => (await import('./sign.ts')).pkiSign,
  parameters: {
    flags: {
      ...authority,
      out: file('Write the certificate to this file'),
      profile: {
        kind: 'enum',
        values: ['server', 'client', 'both', 'intermediate'],
        default: 'server',
        placeholder: 'PROFILE',
        brief: 'What it is to be good for',
      },
      lifetime: {
        kind: 'parsed',
        parse: parseDuration,
        optional: true,
        brief:
          'How long it is valid (default: 90d, an intermediate 1825d, and never longer than the authority)',
        placeholder: 'DURATION',
      },
      name: repeated("Name in place of the request's", 'NAME'),
      ...subject,
      chain: toggle("Write the authority's certificate after it, unless that is a root"),
      crlUrl: value('Where the revocation list will be, http://', 'URL'),
      ocspUrl: value('Where an OCSP responder will be, http://', 'URL'),
      issuerUrl: value("Where the authority's certificate will be in DER, http://", 'URL'),
      ...output,
    },
    positional: { kind: 'tuple', parameters: [fileArgument('The request')] },
  },
  docs: {
    brief: 'Sign a certificate request',
    fullDescription: withExamples(
      'Sign a certificate request',
      'gatehouse pki sign server-csr.pem --ca ca.pem --ca-key ca.key --out server.pem',
      'gatehouse pki sign intermediate-csr.pem --profile intermediate --ca root.pem --ca-key root.key --out intermediate.pem',
    ),
  },
});

const verify = buildCommand({
  loader: async () => (await import('./verify.ts')).pkiVerify,
  parameters: {
    flags: {
      roots: file('The root certificates to trust'),
      intermediates: repeated('Certificates that may stand between', 'FILE'),
      purpose: {
        kind: 'enum',
        values: ['server', 'client'],
        optional: true,
        brief: 'What it is to be good for (default: anything)',
      },
      name: value('The DNS name or IP address that it should be for', 'NAME'),
      crl: repeated(
        'Current revocation list of the issuer; those of authorities above it count where they are given',
        'FILE',
      ),
      at: {
        kind: 'parsed',
        parse: parseTime,
        optional: true,
        brief: 'Judge at this time, for example 2030-01-31T12:00:00Z (default: now)',
        placeholder: 'TIME',
      },
      json: toggle('Print one JSON document'),
    },
    positional: {
      kind: 'tuple',
      parameters: [fileArgument('The certificate; intermediates may follow in the file')],
    },
  },
  docs: { brief: 'Check a certificate; exits with 1 when it is not to be trusted' },
});

const bundle = buildCommand({
  loader: async () => (await import('./bundle.ts')).pkiBundle,
  parameters: {
    flags: {
      out: value('Write the bundle to this file', 'FILE'),
      list: toggle('Only list what the files hold'),
      any: toggle('Take certificates that are not of authorities, too'),
      ...output,
    },
    positional: { kind: 'array', parameter: fileArgument('Certificates, any number in a file'), minimum: 1 },
  },
  docs: { brief: 'Put the root certificates of several files into one' },
});

const show = buildCommand({
  loader: async () => (await import('./show.ts')).pkiShow,
  parameters: {
    flags: {
      passphraseFile: value('File with the passphrase', 'FILE'),
      json: toggle('Print one JSON document'),
    },
    positional: {
      kind: 'tuple',
      parameters: [fileArgument('Certificate, request, key, revocation list, bundle or PKCS#12')],
    },
  },
  docs: { brief: 'Show what a file holds' },
});

const crl = buildCommand({
  loader: async () => (await import('./crl.ts')).pkiCrl,
  parameters: {
    flags: {
      ...authority,
      out: file('Write the list to this file'),
      previous: value('Carry on this list', 'FILE'),
      revoke: repeated('Certificate to revoke: its file or its serial number', 'FILE|SERIAL'),
      reason: {
        kind: 'enum',
        values: REASONS,
        optional: true,
        placeholder: 'REASON',
        brief: 'Why these are revoked',
      },
      lifetime: lifetime('7d'),
      ...output,
    },
  },
  docs: { brief: 'Make a list of revoked certificates' },
});

const p12Export = buildCommand({
  loader: async () => (await import('./p12-export.ts')).p12Export,
  parameters: {
    flags: {
      key: file('The private key'),
      keyPassphraseFile: value('File with the passphrase of the key', 'FILE'),
      cert: file('Its certificate; others may follow in the file'),
      chain: value('Further certificates', 'FILE'),
      out: file('Write the PKCS#12 file here'),
      passphraseFile: value('File with the passphrase for it (default: asks)', 'FILE'),
      friendlyName: value('What programs show as its name', 'NAME'),
      ...output,
    },
  },
  docs: { brief: 'Put a key and its certificates into a PKCS#12 file' },
});

const p12Import = buildCommand({
  loader: async () => (await import('./p12-import.ts')).p12Import,
  parameters: {
    flags: {
      key: value('Write the private key to this file, which you alone can read', 'FILE'),
      keyPassphraseFile: value('Encrypt it with the passphrase in this file', 'FILE'),
      cert: value('Write the certificates to this file, that of the key first', 'FILE'),
      passphraseFile: value('File with the passphrase of the PKCS#12 file (default: asks)', 'FILE'),
      ...output,
    },
    positional: { kind: 'tuple', parameters: [fileArgument('The PKCS#12 file')] },
  },
  docs: { brief: 'Take the key and the certificates out of a PKCS#12 file' },
});

export const pki = buildRouteMap({
  routes: {
    key,
    ca,
    csr,
    sign,
    verify,
    bundle,
    show,
    crl,
    p12: buildRouteMap({
      routes: { export: p12Export, import: p12Import },
      docs: { brief: 'PKCS#12 files (.p12, .pfx)' },
    }),
  },
  docs: { brief: 'Keys and certificates in files, without a server' },
});

function parsePathLength(text: string): number {
  if (!/^\d{1,2}$/.test(text)) throw new TypeError('expected a number from 0 to 99');
  return Number(text);
}

/** RFC 3339, or a day, which begins at midnight UTC. */
function parseTime(text: string): Date {
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = new Date(isTime ? text : Number.NaN);
  if (Number.isNaN(time.getTime())) throw new TypeError('expected a time such as 2030-01-31T12:00:00Z');
  return time;
}
