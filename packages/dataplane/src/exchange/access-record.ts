// A line of the access log as an object. It leaves out query strings, because they may contain secrets. Parts
// that are equal for repeated requests or for one client are created once.

import { recordedPath } from '@gatehouse/access';
import type { AdmissionState, Admitted } from './admission.ts';
import type { Client } from './client-stream.ts';
import { type AskedMembers, type ClientMembers, type MeasuredMembers, RecordPart } from './record-part.ts';

export interface AccessRecord {
  requestId: string;
  asked: RecordPart<AskedMembers>;
  measured: MeasuredMembers;
  client: RecordPart<ClientMembers>;
}

/** The members of a line, in order. */
export type AccessMembers = Pick<AccessRecord, 'requestId'> & AskedMembers & MeasuredMembers & ClientMembers;

/** `admitted`: the admission, if the request was admitted. */
export function accessRecord(
  state: AdmissionState,
  admitted: Admitted | undefined,
  measured: MeasuredMembers,
): AccessRecord {
  return {
    requestId: state.requestId,
    asked: askedPart(state, admitted),
    measured,
    client: clientPart(state.client),
  };
}

/** The record of a request that could not be read: only the reason is known. */
export function malformedRecord(
  client: Client,
  { requestId, status, reason }: { requestId: string; status: number; reason: string },
): AccessRecord {
  const asked = new RecordPart<AskedMembers>({ decision: 'refused', reason });
  return { requestId, asked, measured: { status }, client: clientPart(client) };
}

function askedPart(state: AdmissionState, admitted: Admitted | undefined): AccessRecord['asked'] {
  // Without a reason, it has only the admission.
  if (!admitted || state.reason !== undefined) return new RecordPart(askedMembers(state));
  admitted.asked ??= new RecordPart(askedMembers(state));
  return admitted.asked;
}

function askedMembers(state: AdmissionState): AskedMembers {
  const { principal, claimed } = state;
  return {
    principal: principal?.name ?? null,
    via: principal?.via ?? null,
    keyId: principal?.keyId ?? claimed?.keyId,
    tokenId: claimed?.tokenId,
    certificateSerial: principal?.certificateSerial,
    method: state.request.method,
    path: recordedPath(state.path),
    route: state.route?.id ?? null,
    decision: state.decision,
    reason: state.reason,
    policies: state.policies,
  };
}

function clientPart(client: Client): AccessRecord['client'] {
  const { address, tls, sealed } = client;
  client.record ??= new RecordPart({
    address,
    tlsVersion: tls?.version,
    tlsGroup: tls?.group,
    tlsCipher: tls?.cipher,
    sealed,
  });
  return client.record;
}
