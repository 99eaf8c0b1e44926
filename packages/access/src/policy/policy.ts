// The request that every authorisation decision answers: may this principal do this action to this resource,
// in this context? The gateway decides on each request, the control plane on each call of the admin API.
import type { Principal } from '../principals/principal.ts';

/** What a policy knows about a resource, by name. */
export type Attributes = Readonly<Record<string, unknown>>;

/** The question that a policy answers. */
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

/** What a request is about. */
export interface Resource {
  /**
   * At the gateway, the id of the route that matched. In the admin API, the path with its parameters filled
   * in.
   */
  id: string;
  attributes: Attributes;
}

/** The circumstances of a request. */
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

/** The answer of a policy. */
export interface Decision {
  allowed: boolean;
  /** For the log and the ledger. The caller never sees it. */
  reason: string;
}

/** Decides on requests. What no rule allows is denied. */
export interface Policy {
  decide(request: AccessRequest): Decision;
}
