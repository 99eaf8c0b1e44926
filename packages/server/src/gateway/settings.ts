// The settings under `gateway`, and the part of them that the workers get as plain data when they start.
// Times are in seconds.
import { z } from 'zod';
import { certificateOrders } from '../acme-client/index.ts';
import {
  bytesOr,
  count,
  duration,
  httpOrigin,
  listenAddress,
  optionalListenAddress,
  toggle,
} from '../platform/settings/setting-types.ts';
import type { TlsSettings } from '../platform/tls/tls-settings.ts';
import { UPSTREAM_ERROR, upstreamSettings, upstreamUrl } from './routes/route-setting-types.ts';
import { configuredRoute } from './routes/route-settings.ts';

const certificateFiles = z.strictObject({
  certificate: z
    .string()
    .describe('PEM, the leaf first, then its intermediates')
    .meta({ examples: ['/etc/ssl/api.pem'] }),
  key: z
    .string()
    .describe('The private key, in any form that `gatehouse pki` reads')
    .meta({ examples: ['/etc/ssl/api.key'] }),
  passphraseFile: z
    .string()
    .optional()
    .describe('A file with the passphrase of the key, if it has one')
    .meta({ examples: ['/etc/ssl/passphrase'] }),
});

/** A longer time than an hour is a mistake: a number in milliseconds. */
const SHORT = { max: 3600 };

const timeouts = z.strictObject({
  handshake: duration('10s', SHORT).describe('The TLS handshake'),
  headers: duration('10s', SHORT).describe('All headers of a request, counted from its first byte'),
  body: duration('10s', SHORT).describe(
    'Time before gateway.minBodyBytesPerSecond applies to a request body',
  ),
  idle: duration('60s').describe('A connection between two requests'),
  connect: duration('5s', SHORT).describe('Connecting to the upstream'),
  firstByte: duration('60s').describe('The upstream’s first byte after the whole request was sent'),
  stall: duration('300s').describe(
    'The longest time without a byte from the upstream within a body, or without the client reading one',
  ),
});

export const gatewaySettings = z
  .strictObject({
    listen: listenAddress('127.0.0.1:8443').describe('The address where the data plane listens'),
    url: httpOrigin().optional().describe('The public URL; default: https://localhost and the port'),
    upstream: upstreamUrl()
      .optional()
      .describe('The upstream of routes that name no upstream')
      .meta({ examples: ['http://127.0.0.1:3000'] }),
    upstreams: z
      .record(z.string(), z.union([upstreamUrl(), upstreamSettings], { error: UPSTREAM_ERROR }))
      .default({})
      .describe('Upstreams by name: a URL, or an object with settings for TLS')
      .meta({ examples: [{ notes: 'http://127.0.0.1:3000' }] }),
    routes: z
      .array(configuredRoute)
      .default([])
      .describe('The routes; the first match wins; default: everything goes to gateway.upstream')
      .meta({ examples: [[{ path: '/notes/*', methods: ['GET', 'HEAD'] }]] }),
    clientCertificates: z
      .enum(['off', 'request', 'require'])
      .default('request')
      .describe(
        'Client certificates: never requested, requested if a route accepts mtls, or required in every handshake',
      ),
    digest: z
      .strictObject({
        md5: toggle().describe('Whether Digest also offers MD5, for clients that support nothing newer'),
      })
      .prefault({}),
    dpop: z
      .strictObject({
        requireNonce: toggle().describe(
          'Whether DPoP proofs must have a nonce from this server, at both listeners (RFC 9449 §9)',
        ),
      })
      .prefault({}),
    signatures: z
      .strictObject({
        maxAge: duration('60s', { min: 1, max: 3600 }).describe(
          'How far the time in a request signature may differ from the server’s time, in either direction',
        ),
        maxBodyBytes: bytesOr('1MiB').describe(
          'The largest body of a signed request, and of a signed answer: the gateway holds it in memory',
        ),
      })
      .prefault({}),
    workers: z
      .union([z.literal('auto'), count({ min: 1, max: 64 })], {
        error: 'must be auto or a whole number from 1 to 64',
      })
      .prefault('auto')
      .describe('The number of workers; auto: one for each core'),
    certificates: z
      .array(certificateFiles)
      .default([])
      .describe(
        'Certificates from files, chosen by the host name that the client asks for; default: from our authority',
      )
      .meta({ examples: [[{ certificate: '/etc/ssl/api.pem', key: '/etc/ssl/api.key' }]] }),
    acme: certificateOrders
      .describe(
        'Certificates from ACME directories, ordered and renewed by the gateway; chosen by name, as those from files',
      )
      .meta({
        examples: [
          [
            {
              directory: 'https://acme-v02.api.letsencrypt.org/directory',
              names: ['shop.example.com'],
              challenge: 'http-01',
            },
          ],
        ],
      }),
    httpListen: optionalListenAddress()
      .describe(
        'The address of a plain HTTP listener for http-01 challenges and redirects to https; default: none',
      )
      .meta({ examples: [':80'] }),
    transport: z
      .enum(['auto', 'bun', 'node'])
      .default('auto')
      .describe(
        'The runtime of the workers; auto: Bun on Linux, Node on other systems and if a setting needs it',
      ),
    timeouts: timeouts.prefault({}).meta({ examples: [{ idle: '30s' }] }),
    minBodyBytesPerSecond: count({ min: 0, max: 1_000_000_000 })
      .prefault(240)
      .describe('Request bodies that arrive more slowly are refused; 0 allows any speed'),
    maxHeaderBytes: bytesOr('16KiB').describe('All header fields of a request together'),
    maxHeaders: count({ min: 10, max: 2000 })
      .prefault(100)
      .describe('How many header fields a request may have'),
    maxBodyBytes: bytesOr('1GiB').describe('The largest request body'),
    maxConnections: count({ min: 1, max: 1_000_000 })
      .prefault(10_000)
      .describe('Open client connections of one worker'),
  })
  .prefault({});

type Configured = z.output<typeof gatewaySettings>;

export interface GatewaySettings extends Pick<Configured, 'acme' | 'listen' | 'timeouts' | 'transport'> {
  tls: TlsSettings;
  /** The absolute path of a file, `stdout` or `none`. */
  accessLog: string;
}

export type GatewayTimeouts = Configured['timeouts'];

export type ConfiguredUpstream = Configured['upstreams'][string];
