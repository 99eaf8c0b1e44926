// A line of the access log as an object. It leaves out query strings, since they may hold secrets.
import { recordedPath } from '@gatehouse/access';
import type { AdmissionState } from './admission.ts';
import type { Client } from './client-stream.ts';

export interface AccessRecord {
  request_id: string;
  decision: 'allowed' | 'denied' | 'refused';
  reason?: string | undefined;
  status: number;
  address: string;
  tls_version: string | undefined;
  tls_group: string | undefined;
  tls_cipher: string | undefined;
  principal?: string | null;
  via?: string | null;
  key_id?: string | undefined;
  /** Of a token that was denied. */
  token_id?: string | undefined;
  certificate_serial?: string | undefined;
  method?: string;
  path?: string;
  route?: string | null;
  bytes_in?: number;
  bytes_out?: number;
  duration_ms?: number;
  upstream_ms?: number | undefined;
}

export interface Measured {
  status: number;
  bytesIn: number;
  bytesOut: number;
  durationMs: number;
  upstreamMs: number | undefined;
}

export function accessRecord(state: AdmissionState, measured: Measured): AccessRecord {
  const { principal, client } = state;
  return {
    request_id: state.requestId,
    principal: principal?.name ?? null,
    via: principal?.via ?? null,
    key_id: principal?.keyId ?? state.claimed?.keyId,
    token_id: state.claimed?.tokenId,
    certificate_serial: principal?.certificateSerial,
    method: state.request.method,
    path: recordedPath(state.path),
    route: state.route?.id ?? null,
    decision: state.decision,
    reason: state.reason,
    status: measured.status,
    bytes_in: measured.bytesIn,
    bytes_out: measured.bytesOut,
    duration_ms: milliseconds(measured.durationMs),
    upstream_ms: measured.upstreamMs === undefined ? undefined : milliseconds(measured.upstreamMs),
    address: client.address,
    tls_version: client.tls?.version,
    tls_group: client.tls?.group,
    tls_cipher: client.tls?.cipher,
  };
}

/** The record of a request that could not be read: only the reason is known. */
export function malformedRecord(
  client: Client,
  { requestId, status, reason }: { requestId: string; status: number; reason: string },
): AccessRecord {
  return {
    request_id: requestId,
    decision: 'refused',
    reason,
    status,
    address: client.address,
    tls_version: client.tls?.version,
    tls_group: client.tls?.group,
    tls_cipher: client.tls?.cipher,
  };
}

function milliseconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}
