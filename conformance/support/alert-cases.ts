// For each alert of docs/operate.md and docs/metrics.md: the metrics of 90 minutes, in the notation of
// promtool, with which it must fire, and others with which it must not fire.

export type SeriesValues = Readonly<Record<string, string>>;

export interface AlertCase {
  fires: SeriesValues;
  quiet: SeriesValues;
}

/** The same series with two developments. */
function between(series: string, fires: string, quiet: string): AlertCase {
  return { fires: { [series]: fires }, quiet: { [series]: quiet } };
}

const REQUESTS = 'gatehouse_gateway_requests_total{route="1:/*",decision="allowed",status="2xx"}';
const FAILURES = 'gatehouse_gateway_upstream_failures_total{route="1:/*",reason="failed"}';
const SERVING = 'gatehouse_gateway_workers{state="serving"}';
const STARTING = 'gatehouse_gateway_workers{state="starting"}';
const UP_TO = (bound: string) =>
  `gatehouse_gateway_request_duration_seconds_bucket{route="1:/*",decision="allowed",le="${bound}"}`;
const FAILED_SIGN_INS = 'gatehouse_ledger_entries_total{type="identity.sign_in",outcome="failure"}';

export const ALERT_CASES: Readonly<Record<string, AlertCase>> = {
  GatehouseDown: between('up{job="gatehouse"}', '0x90', '1x90'),
  GatehouseWorkersMissing: {
    fires: { [SERVING]: '1x90', [STARTING]: '1x90' },
    quiet: { [SERVING]: '2x90', [STARTING]: '0x90' },
  },
  GatehouseWorkersDie: between('gatehouse_gateway_worker_restarts_total{worker="0"}', '0+1x90', '5x90'),
  GatehouseUpstreamFails: {
    fires: { [REQUESTS]: '0+100x90', [FAILURES]: '0+10x90' },
    quiet: { [REQUESTS]: '0+100x90', [FAILURES]: '0+1x90' },
  },
  GatehouseSlow: {
    fires: { [UP_TO('1')]: '0+10x90', [UP_TO('5')]: '0+100x90', [UP_TO('+Inf')]: '0+100x90' },
    quiet: { [UP_TO('1')]: '0+100x90', [UP_TO('5')]: '0+100x90', [UP_TO('+Inf')]: '0+100x90' },
  },
  GatehouseConnectionsFull: between('gatehouse_gateway_connections{worker="0"}', '9000x90', '500x90'),
  GatehouseBusy: between('gatehouse_gateway_worker_cpu_seconds_total{worker="0"}', '0+54x90', '0+6x90'),
  GatehouseDiskFillsUp: between('gatehouse_store_free_bytes', '500000000x90', '50000000000x90'),
  GatehouseCannotRecord: between('gatehouse_store_failed_commits_total', '0+1x90', '7x90'),
  GatehouseLedgerAltered: between('gatehouse_ledger_altered', '1x90', '0x90'),
  GatehouseWitnessBehind: {
    fires: { gatehouse_ledger_head: '0+1x90', gatehouse_ledger_witness_head: '0x90' },
    quiet: { gatehouse_ledger_head: '0+1x90', gatehouse_ledger_witness_head: '0+1x90' },
  },
  // The time of promtool begins at 0.
  GatehouseBackupOld: between('gatehouse_backup_started_seconds', '-180000x90', '0x90'),
  GatehouseCertificateNotRenewed: between(
    'gatehouse_certificate_not_after_seconds{certificate="listeners"}',
    '300000x90',
    '2000000x90',
  ),
  GatehouseOrdersFail: between('gatehouse_acme_client_orders_total{result="failed"}', '0+1x90', '2x90'),
  GatehouseRevocationListOld: between(
    'gatehouse_crl_next_update_seconds{authority="intermediate"}',
    '10000x90',
    '80000x90',
  ),
  GatehouseSignInsFail: between(FAILED_SIGN_INS, '0+10x90', '0+1x90'),
};

/** Two tests of promtool: after 90 minutes, all alerts fire, or none does. */
export function promtoolTests(rules: readonly string[]): object {
  const names = Object.keys(ALERT_CASES);
  const test = (course: keyof AlertCase, firing: readonly string[]) => ({
    name: course,
    interval: '1m',
    input_series: Object.values(ALERT_CASES)
      .flatMap((each) => Object.entries(each[course]))
      .map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      {
        expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
        eval_time: '90m',
        exp_samples: firing.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
      },
    ],
  });
  return {
    rule_files: rules,
    evaluation_interval: '1m',
    tests: [test('fires', names), test('quiet', [])],
  };
}
