// The question of every authorisation decision: may this principal do this action to this resource, in this
// context? The gateway decides on each request, the control plane on each call of the admin API.
import type { Fields } from '@gatehouse/cedar';
import type { Principal } from '../principals/principal.ts';

/** The attributes of a resource for policies, by name. */
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

/** The resource of a request. At the gateway, the route that matched: the same object until it changes. */
export interface Resource {
  /**
   * At the gateway, the id of the route. In the admin API, the path with its parameters filled in.
   */
  id: string;
  /** Its name in policies; default: its id. */
  policyName?: string;
  /** No attributes if absent. */
  attributes?: Attributes | undefined;
  /** A name for its actions in policies. Each of its methods is a member. */
  action?: string | undefined;
}

/** The context of a request. A member may be computed when it is first read. */
export interface AccessContext {
  readonly method: string;
  /** Canonical. */
  readonly path: string;
  /** The parameters of the path, decoded. */
  readonly params: Fields;
  /** The named parameters of the query, decoded; none if absent. */
  readonly query?: Fields;
  /** The named header fields; none if absent. */
  readonly headers?: Fields;
  /** The peer's IP address, or `socket`. */
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly requestId: string;
  /** Undefined on a connection without TLS. */
  readonly tls?: ConnectionSecurity | undefined;
}

/** The TLS facts of a connection. */
export interface ConnectionSecurity {
  /** `TLSv1.3` */
  readonly version: string;
  /** `X25519MLKEM768`; empty if it is not known. */
  readonly group: string;
  /** Lower-case hex, of the client certificate; undefined without one. */
  readonly certificateSerial?: string | undefined;
}

/** The answer of a policy. */
export interface Decision {
  allowed: boolean;
  /** For the log and the ledger. The caller never sees it. */
  reason: string;
  /** The ids of the policies that decided; none if no policy permits the request. */
  policies: readonly string[];
  /** The ids of deciding policies with an alarm: the ledger must have each request that they allow. */
  alarms: readonly string[];
  /** The policies that could not be evaluated, and so had no effect; none if absent. */
  errors?: readonly PolicyError[];
  /**
   * Whether the answer is valid for every request of this caller with this action and resource. Default: no.
   */
  isGeneral?: boolean;
}

/** Why a policy had no effect. */
export interface PolicyError {
  readonly policy: string;
  readonly message: string;
}

/** Decides on requests. Denies everything that no rule allows. */
export interface Policy {
  decide(request: AccessRequest): Decision;
}
