// The request that every authorisation decision answers: may this principal do this action to this resource,
// in this context? The gateway decides on each request, the control plane on each call of the admin API.
import type { Principal } from './principal.ts';

export type Attributes = Readonly<Record<string, unknown>>;

export interface AccessRequest {
  principal: Principal;
  /**
   * At the gateway, the method of the request (RFC 9110 §9). In the admin API, a permission such as
   * `ca:RevokeCertificate`.
   */
  action: string;
  resource: Resource;
  context: AccessContext;
}

export interface Resource {
  /**
   * At the gateway, the id of the route that matched. In the admin API, the path with its parameters filled
   * in.
   */
  id: string;
  attributes: Attributes;
}

export interface AccessContext {
  method: string;
  path: string;
  /** The parameters of the path, decoded. */
  params: Readonly<Record<string, unknown>>;
  /** The peer's IP address, or `socket`. */
  address: string;
  /** Milliseconds since 1970. */
  time: number;
  requestId: string;
}

export interface Decision {
  allowed: boolean;
  /** For the log and the ledger. The caller never sees it. */
  reason: string;
}

export interface Policy {
  decide(request: AccessRequest): Decision;
}
