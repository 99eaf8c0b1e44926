// `gatehouse status`: the listeners, the start time, and the validity of the certificate.
import type { Clock } from '@gatehouse/access';
import { z } from 'zod';
import type { AcmeClient } from '../acme-client/index.ts';
import { listenerCertificateSchema } from '../acme-client/index.ts';
import type { Capabilities } from '../capabilities.ts';
import { witnessAddressSchema } from '../capabilities.ts';
import type { Supervisor } from '../gateway/index.ts';
import type { Feed } from '../platform/feed/feed.ts';
import { json } from '../platform/http/answer.ts';
import type { Route } from '../platform/http/route.ts';
import { route } from '../platform/http/route.ts';
import { timestamp, toTimestamp } from '../platform/http/schemas.ts';
import { VERSION } from '../platform/version.ts';
import type { ReadyFacts } from '../ready.ts';
import { summarySchema } from '../settings/configuration-routes.ts';

export interface StatusDeps {
  clock: Clock;
  feed: Pick<Feed, 'seq'>;
  capabilities: Capabilities;
  gateway: Supervisor;
  certificates: Pick<AcmeClient, 'views'>;
  /** The current value, because a reload may have changed the upstream. */
  ready(): ReadyFacts;
}

const statusSchema = z
  .object({
    version: z.string(),
    startedAt: timestamp,
    uptimeSeconds: z.int(),
    gateway: z.string().describe('The URL of the data plane'),
    control: z.string().describe('The URL of sign-in and of this API'),
    pki: z.string().describe('The URL of the public PKI'),
    samples: z
      .string()
      .nullable()
      .describe('The URL of the sample services; null: an upstream is configured'),
    upstream: z.string().nullable(),
    rootCertificate: z.string().describe('The path of root.pem'),
    rootFingerprint: z.string().describe('`sha256/` and base64'),
    configuration: summarySchema,
    administrator: z.object({
      name: z.string(),
      passwordFile: z.string().nullable().describe('The file with the first password, until you replace it'),
    }),
    workers: z.array(
      z.object({
        id: z.int(),
        state: z.enum(['starting', 'serving']),
        restarts: z.int().describe('How many times the server replaced it'),
        runtime: z.string().describe('The runtime of its process: `Bun 1.4.5`'),
        pid: z.int().optional().describe('The id of its process'),
      }),
    ),
    serverCertificate: z.object({
      serialNumber: z.string(),
      names: z.array(z.string()),
      notAfter: timestamp,
    }),
    listenerCertificates: z
      .record(z.string(), listenerCertificateSchema)
      .describe('The certificates of gateway.acme, each by its first name'),
    users: z.int(),
    keys: z.int(),
    ledger: z.object({
      entries: z.int(),
      problem: z.string().nullable().describe('The altered entry, if the check of this start has found one'),
      witnessAddress: witnessAddressSchema.nullable().describe('The witness of `audit.witnessAddress`'),
    }),
  })
  .meta({ id: 'Status' });

/** The state of a running server. */
export type Status = z.output<typeof statusSchema>;

export function statusRoute({ clock, feed, capabilities, gateway, certificates, ready }: StatusDeps): Route {
  // The clock may be set while the server runs, so the start time is computed from the time since then.
  const startedMs = performance.now();
  return route({
    name: 'readStatus',
    method: 'GET',
    path: '/admin/status',
    permission: 'server:ReadStatus',
    summary: 'Read the state of the server: addresses, workers, configuration, ledger and certificates',
    answers: { 200: statusSchema },
    async handle() {
      const uptimeMs = performance.now() - startedMs;
      const certificate = capabilities.ca.serverCertificate();
      const { users, keys } = await capabilities.identity.counts();
      return json({
        version: VERSION,
        startedAt: toTimestamp(clock.now() - uptimeMs),
        uptimeSeconds: Math.floor(uptimeMs / 1000),
        ...ready(),
        workers: gateway.workers(),
        serverCertificate: {
          serialNumber: certificate.serialNumber,
          names: [...certificate.names],
          notAfter: certificate.notAfter.toISOString(),
        },
        listenerCertificates: certificates.views(),
        users,
        keys,
        ledger: {
          entries: feed.seq,
          problem: describeProblem(capabilities.audit.problem()),
          witnessAddress: capabilities.audit.witnessAddress(),
        },
      });
    },
  });
}

function describeProblem(problem: { seq: number; reason: string } | undefined): string | null {
  return problem ? `at entry ${problem.seq}: ${problem.reason}` : null;
}
