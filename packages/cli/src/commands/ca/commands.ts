// `gatehouse ca …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, data, force, management, repeated, toggle, value, withExamples } from '../../flags.ts';

const show = buildCommand({
  loader: async () => (await import('./show.ts')).caShow,
  parameters: { flags: management },
  docs: { brief: 'Show the root, the intermediates and the public addresses' },
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
  docs: { brief: "Print the root's fingerprints, pin and DNS records" },
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
  docs: { brief: 'Make a new intermediate; the old one stays valid' },
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
  docs: { brief: 'Make a key for an intermediate, and a request for an offline root' },
});

const importAuthority = buildCommand({
  loader: async () => (await import('./import.ts')).caImport,
  parameters: {
    flags: {
      intermediate: { ...value('The certificate of the intermediate', 'FILE'), optional: false },
      roots: { ...value('The root, and others to trust', 'FILE'), optional: false },
      destroyRootKey: toggle('Destroy the key of the old root without asking, if a new one replaces it'),
      ...management,
    },
  },
  docs: { brief: 'Import an intermediate that an offline root has signed, and issue from it' },
});

export const ca = buildRouteMap({
  routes: { show, fingerprint, fetch, trust, rotate, request, import: importAuthority },
  docs: { brief: 'The certificate authority: its root, its intermediates, and trust in them' },
});
