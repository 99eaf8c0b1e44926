// What an exchange asks admission: whether a request may pass, and where to.
import type { Principal } from '@gatehouse/access';
import type { FieldList } from '../http1/messages.ts';
import type { Upstream } from '../upstream/call.ts';
import type { Client, ClientRequest } from './client-stream.ts';

/** A request as admission sees it. Admission fills in the fields that are not readonly. */
export interface AdmissionState {
  readonly request: ClientRequest;
  readonly client: Client;
  readonly requestId: string;
  /** The Host that counts, also for a request without one. */
  readonly host: string;
  /** Canonical once known; never with a query. */
  path: string;
  route: AdmittedRoute | undefined;
  principal: Principal | undefined;
  decision: 'allowed' | 'denied' | 'refused';
  /** Why the request was denied, refused or broken off. For the log only. */
  reason: string | undefined;
}

export interface AdmittedRoute {
  id: string;
  maxBodyBytes: number;
}

export interface Admitted {
  route: AdmittedRoute;
  upstream: Upstream;
  /** Path and query as the upstream gets them. */
  path: string;
  /** The signed statement of who calls; undefined for anonymous requests. */
  assertion: string | undefined;
  /** Whether we issued the credential with this value. */
  isOwnCredential(value: string): boolean;
  /** Fields that are added to the answer, such as those of CORS. */
  answerFields?: FieldList;
}

/** An answer without an upstream, such as that to a CORS preflight. */
export interface LocalAnswer {
  status: number;
  fields: FieldList;
}

export interface Admission {
  /** Throws or rejects with the `GatehouseError` that the client gets. */
  admit(state: AdmissionState): Admitted | LocalAnswer | Promise<Admitted | LocalAnswer>;
  /** Whether an admitted request may go on under what is in force now. */
  holds(state: AdmissionState): boolean;
  /** Whether the client's certificate is revoked. */
  isRevoked(client: Client): boolean;
  /** The challenge of a 401 with this code (RFC 9110 §11.6.1). */
  challenge(code: string, state: AdmissionState): string | undefined;
}
