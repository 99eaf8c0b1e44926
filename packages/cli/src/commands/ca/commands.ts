// `gatehouse ca …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import {
  argument,
  data,
  explained,
  force,
  management,
  repeated,
  toggle,
  value,
  withExamples,
} from '../../flags.ts';

const show = buildCommand({
  loader: async () => (await import('./show.ts')).caShow,
  parameters: { flags: management },
  docs: explained('Show the root, the intermediates and the public addresses', 'gatehouse ca show'),
});

const fingerprint = buildCommand({
  loader: async () => (await import('./fingerprint.ts')).caFingerprint,
  parameters: {
    flags: {
      name: repeated("Host and port to write DNS records for (default: the running gateway's)", 'HOST:PORT'),
      issuer: value("The authority's domain in CAA records (default: no authority may issue)", 'DOMAIN'),
      ...management,
    },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          ...argument("Certificates in PEM (default: --server's, else the data folder's root.pem)", 'FILE'),
          optional: true,
        },
      ],
    },
  },
  docs: explained(
    "Print the root's fingerprints, pin and DNS records",
    'gatehouse ca fingerprint',
    'gatehouse ca fingerprint --name api.example.com:8443 --issuer example.com',
  ),
});

const fetchBrief = 'Fetch the root from another machine, and store it if it matches';

const fetch = buildCommand({
  loader: async () => (await import('./fetch.ts')).caFetch,
  parameters: {
    flags: {
      pin: repeated("The root's pin, as 'ca fingerprint' prints it: sha256/…", 'PIN'),
      fingerprint: repeated("Instead of a pin: the 30 digits, or the certificate's SHA-256", 'DIGITS'),
      out: value('Write the root to this file (default: root.pem)', 'FILE'),
      all: toggle('Write all roots of a server at https://, if one of them matches'),
      force,
      json: toggle('Print one JSON document'),
    },
    positional: {
      kind: 'tuple',
      parameters: [argument('The public listener, for example http://gatehouse.example.com:9080', 'URL')],
    },
  },
  docs: {
    brief: fetchBrief,
    fullDescription: withExamples(
      fetchBrief,
      "gatehouse ca fetch http://gatehouse.example.com:9080 --pin 'sha256/…'",
      'gatehouse ca fetch http://gatehouse.example.com:9080 \\',
      "    --fingerprint '12345 12345 12345 12345 12345 12345'",
    ),
  },
});

const trustBrief = 'Make this machine and its browsers trust the root';

const trust = buildCommand({
  loader: async () => (await import('./trust.ts')).caTrust,
  parameters: {
    flags: {
      undo: toggle('Remove the root again'),
      dryRun: toggle('Print what the command would do, and change nothing'),
      store: {
        kind: 'enum',
        values: ['system', 'nss'],
        optional: true,
        brief: 'Only the stores of the system, or only those of Firefox and Chromium (NSS)',
      },
      data,
      json: toggle('Print one JSON document'),
    },
    positional: {
      kind: 'tuple',
      parameters: [
        { ...argument("Root in PEM (default: the data folder's root.pem)", 'FILE'), optional: true },
      ],
    },
  },
  docs: {
    brief: trustBrief,
    fullDescription: withExamples(
      trustBrief,
      'gatehouse ca trust --dry-run',
      'sudo gatehouse ca trust --store system root.pem',
    ),
  },
});

const rotate = buildCommand({
  loader: async () => (await import('./rotate.ts')).caRotate,
  parameters: { flags: management },
  docs: explained('Make a new intermediate; the old one stays valid', 'gatehouse ca rotate'),
});

const request = buildCommand({
  loader: async () => (await import('./request.ts')).caRequest,
  parameters: {
    flags: {
      out: value('Write the request to this new file (default: standard output)', 'FILE'),
      force,
      ...management,
    },
  },
  docs: explained(
    'Make a key for an intermediate, and a request for an offline root',
    'gatehouse ca request --out intermediate-csr.pem',
  ),
});

const importAuthority = buildCommand({
  loader: async () => (await import('./import.ts')).caImport,
  parameters: {
    flags: {
      intermediate: { ...value('File with the certificate of the intermediate', 'FILE'), optional: false },
      roots: { ...value('File with the new root, and with any others to trust', 'FILE'), optional: false },
      destroyRootKey: toggle('Do it without asking, even if it destroys the key of the old root'),
      ...management,
    },
  },
  docs: explained(
    'Import an intermediate that an offline root has signed, and issue from it',
    'gatehouse ca import --intermediate intermediate.pem --roots root.pem',
  ),
});

export const ca = buildRouteMap({
  routes: { show, fingerprint, fetch, trust, rotate, request, import: importAuthority },
  docs: { brief: 'The certificate authority: its root, its intermediates, and trust in them' },
});
