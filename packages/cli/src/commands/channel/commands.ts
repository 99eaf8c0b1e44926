// `gatehouse channel …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import {
  argument,
  cacert,
  data,
  explained,
  management,
  repeated,
  toggle,
  value,
  withExamples,
} from '../../flags.ts';

const json = toggle('Print one JSON document');

/** How to reach an endpoint. */
const reaching = {
  ca: value('The same as --cacert', 'FILE'),
  cacert,
  keyFile: value('Send the API key in this file, if a gateway requires one', 'FILE'),
  tokenFile: value('Send the bearer token in this file', 'FILE'),
  data,
} as const;

/** Which keys are accepted. */
const trusting = {
  pin: repeated("Pin of the signing key, as 'channel fingerprint' prints it: sha256/…", 'PIN'),
  dnsRecord: value('File with the TXT record of the host', 'FILE'),
} as const;

const verifyBrief = 'Check whose key an encrypted endpoint offers';

const verify = buildCommand({
  loader: async () => (await import('./verify.ts')).channelVerify,
  parameters: {
    flags: {
      ...trusting,
      ...reaching,
      json,
    },
    positional: {
      kind: 'tuple',
      parameters: [argument('The endpoint, for example https://localhost:8443/encrypted/', 'URL')],
    },
  },
  docs: {
    brief: verifyBrief,
    fullDescription: withExamples(
      `${verifyBrief}. With a pin or a DNS record, and
without --ca, these alone decide. Otherwise the certificate of the signing key
must lead to a root. The exit status is 6 if the pin is another one, and 5 if
the key is not trusted.`,
      'gatehouse channel verify http://localhost:8080/encrypted/',
      "gatehouse channel verify http://localhost:8080/encrypted/ --pin 'sha256/…'",
      'gatehouse channel verify https://localhost:8443/orders --dns-record record.txt',
    ),
  },
});

const sendBrief = 'Send a message that only the other end can read, and print its answer';

const send = buildCommand({
  loader: async () => (await import('./send.ts')).channelSend,
  parameters: {
    flags: {
      text: value('The message; other users of this machine can see it', 'TEXT'),
      dataFile: value('Send this file as the message; - is standard input', 'FILE'),
      ...trusting,
      ...reaching,
      json: toggle('Print one JSON document: the status, and the answer in base64'),
    },
    positional: {
      kind: 'tuple',
      parameters: [argument('The endpoint, for example https://localhost:8443/encrypted/', 'URL')],
    },
  },
  docs: {
    brief: sendBrief,
    fullDescription: withExamples(
      `${sendBrief}.
The command first verifies the key of the endpoint, as 'channel verify' does.
The exit status is 14 or 15 if the application answers with 4xx or 5xx.`,
      'gatehouse channel send https://localhost:8443/orders --data-file order.json \\',
      '    --key-file robot.apikey',
    ),
  },
});

const fingerprint = buildCommand({
  loader: async () => (await import('./fingerprint.ts')).channelFingerprint,
  parameters: {
    flags: {
      name: { ...value('Host name for the DNS record', 'HOST'), optional: false },
      ...management,
    },
  },
  docs: explained(
    'Print the key that signs offered keys: its pin, digits, QR code and DNS record',
    'gatehouse channel fingerprint --name localhost',
  ),
});

const explain = buildCommand({
  loader: async () => (await import('./explain.ts')).channelExplain,
  parameters: {
    flags: {
      text: { ...value("What to send (default: 'I have a dream')", 'TEXT') },
      ...reaching,
      json,
    },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          ...argument('Any encrypted endpoint (default: none; this command plays both ends)', 'URL'),
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: 'Explain a key exchange with the numbers of a real one',
    fullDescription: withExamples(
      `Explain a key exchange with the numbers of a real one: Diffie-Hellman with small
numbers, the same with X25519, and a message that is taken apart byte by byte.`,
      'gatehouse channel explain',
      'gatehouse channel explain http://localhost:8080/encrypted/',
    ),
  },
});

export const channel = buildRouteMap({
  routes: { send, verify, fingerprint, explain },
  docs: { brief: 'Messages that only the two ends can read' },
});
