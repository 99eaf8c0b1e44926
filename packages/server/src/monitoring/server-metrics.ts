// The metrics of the server as a whole: its version, its workers, its certificates from files.
import { X509Certificate } from 'node:crypto';
import type { NamedIdentity, ServerIdentity } from '@gatehouse/access';
import type { Supervisor } from '../gateway/index.ts';
import type { LabelledSums, Metric } from '../platform/metric.ts';
import { single } from '../platform/metric.ts';
import type { FactCounts } from './fact-counts.ts';

export interface ServerMetricsDeps {
  version: string;
  workers: Supervisor['workers'];
  facts: FactCounts;
  /** With the labels `listener`, `version` and `result`. */
  handshakes: Pick<LabelledSums, 'samples'>;
  /** The certificates of the gateway: our own, and those from files and from ACME directories. */
  identities(): Iterable<ServerIdentity | NamedIdentity>;
}

export function serverMetrics({
  version,
  workers,
  facts,
  handshakes,
  identities,
}: ServerMetricsDeps): Metric[] {
  return [
    {
      name: 'gatehouse_build_info',
      help: 'The version that runs; the value is 1.',
      kind: 'gauge',
      read: () => [{ labels: { version }, value: 1 }],
    },
    {
      name: 'gatehouse_gateway_workers',
      help: 'Workers of the gateway by state.',
      kind: 'gauge',
      read: () =>
        ['serving', 'starting'].map((state) => ({
          labels: { state },
          value: workers().filter((worker) => worker.state === state).length,
        })),
    },
    {
      name: 'gatehouse_gateway_worker_restarts_total',
      help: 'How many times a worker was replaced.',
      kind: 'counter',
      read: () => workers().map(({ id, restarts }) => ({ labels: { worker: String(id) }, value: restarts })),
    },
    {
      name: 'gatehouse_tls_handshakes_total',
      help: 'TLS handshakes of clients by listener, version and result.',
      kind: 'counter',
      read: handshakes.samples,
    },
    single({
      name: 'gatehouse_ledger_facts_pending',
      help: 'Facts of the gateway that wait for the ledger. Their requests wait, too.',
      kind: 'gauge',
      value: () => facts.pending,
    }),
    single({
      name: 'gatehouse_ledger_facts_failed_total',
      help: 'Facts of the gateway that could not be recorded. Their requests got 503.',
      kind: 'counter',
      value: () => facts.failed,
    }),
    {
      name: 'gatehouse_certificate_file_not_after_seconds',
      help: 'When the certificates of gateway.certificates and gateway.acme expire, as a Unix time.',
      kind: 'gauge',
      read: () => [...identities()].flatMap(fileSample),
    },
  ];
}

function fileSample(identity: ServerIdentity | NamedIdentity) {
  if (!('names' in identity) || 'protocol' in identity) return [];
  const { validToDate } = new X509Certificate(identity.certificateChain);
  return [{ labels: { names: identity.names.join(',') }, value: validToDate.getTime() / 1000 }];
}
