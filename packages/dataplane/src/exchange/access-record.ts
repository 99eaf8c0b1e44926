// A line of the access log as an object. It leaves out query strings, since they may hold secrets.
import { recordedPath } from '@gatehouse/access';
import type { AdmissionState } from './admission.ts';
import type { Client } from './client-stream.ts';

export interface AccessRecord {
  requestId: string;
  decision: 'allowed' | 'denied' | 'refused';
  reason?: string | undefined;
  /** The policies that denied it, or whose alarm it raised. */
  policies?: readonly string[] | undefined;
  status: number;
  address: string;
  tlsVersion: string | undefined;
  tlsGroup: string | undefined;
  tlsCipher: string | undefined;
  /** Only for requests that came sealed. */
  sealed?: boolean | undefined;
  principal?: string | null;
  via?: string | null;
  keyId?: string | undefined;
  /** Of a token that was denied. */
  tokenId?: string | undefined;
  certificateSerial?: string | undefined;
  method?: string;
  path?: string;
  route?: string | null;
  bytesIn?: number;
  bytesOut?: number;
  durationMs?: number;
  upstreamMs?: number | undefined;
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
    requestId: state.requestId,
    principal: principal?.name ?? null,
    via: principal?.via ?? null,
    keyId: principal?.keyId ?? state.claimed?.keyId,
    tokenId: state.claimed?.tokenId,
    certificateSerial: principal?.certificateSerial,
    method: state.request.method,
    path: recordedPath(state.path),
    route: state.route?.id ?? null,
    decision: state.decision,
    reason: state.reason,
    policies: state.policies,
    status: measured.status,
    bytesIn: measured.bytesIn,
    bytesOut: measured.bytesOut,
    durationMs: milliseconds(measured.durationMs),
    upstreamMs: measured.upstreamMs === undefined ? undefined : milliseconds(measured.upstreamMs),
    address: client.address,
    tlsVersion: client.tls?.version,
    tlsGroup: client.tls?.group,
    tlsCipher: client.tls?.cipher,
    sealed: client.sealed,
  };
}

/** The record of a request that could not be read: only the reason is known. */
export function malformedRecord(
  client: Client,
  { requestId, status, reason }: { requestId: string; status: number; reason: string },
): AccessRecord {
  return {
    requestId,
    decision: 'refused',
    reason,
    status,
    address: client.address,
    tlsVersion: client.tls?.version,
    tlsGroup: client.tls?.group,
    tlsCipher: client.tls?.cipher,
  };
}

function milliseconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}
