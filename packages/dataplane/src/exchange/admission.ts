// What an exchange asks admission: whether a request may pass, and where to.
import type {
  AdmissionState as AccessState,
  ErrorCode,
  GatewayRoute,
  UnsignedAnswer,
} from '@gatehouse/access';
import type { FieldList } from '../http1/messages.ts';
import type { Upstream } from '../upstream/call.ts';
import type { RequestTemplate } from '../upstream/request-template.ts';
import type { Client, ClientRequest } from './client-stream.ts';
import type { AskedMembers, RecordPart } from './record-part.ts';

/** A request as admission sees it. Admission fills in the fields that are not readonly. */
export interface AdmissionState extends AccessState {
  readonly request: ClientRequest;
  readonly client: Client;
  /** The Host that counts, also for a request without one. */
  readonly host: string;
  /** Whether its syntax was accepted, so that it is certain where it ends and the next request begins. */
  isChecked: boolean;
  /** Fields of every answer, refusals as well, such as those of CORS. */
  answerFields: FieldList | undefined;
  /** The fields of an upstream's answer that these replace, in lower case. */
  replacedFields: ReadonlySet<string> | undefined;
}

export interface Admitted {
  route: GatewayRoute;
  upstream: Upstream;
  /** Path and query as the upstream gets them. */
  path: string;
  /** The signed statement of who calls; undefined for anonymous requests. */
  assertion: string | undefined;
  /** Whether we issued the credential with this value. */
  isOwnCredential(value: string): boolean;
  /** Where clients find what the upstream calls `path`, if that differs. */
  clientPath?: ((path: string) => string | undefined) | undefined;
  /** Of a signed request: what its body must be, before any of it is forwarded. */
  body?: SignedBody | undefined;
  /** What the upstream is asked, once that was worked out: requests that repeat one another share it. */
  template: RequestTemplate | undefined;
  /** What the access log says of it, likewise. */
  asked: RecordPart<AskedMembers> | undefined;
}

/** The body that a request was signed with. */
export interface SignedBody {
  maxBytes: number;
  /** Rejects with the error that the client gets, when the denial is recorded. */
  verify(octets: Uint8Array): Promise<void>;
}

/** Signs the answers of one exchange. */
export interface ExchangeSigner {
  maxBytes: number;
  /** The fields that the answer needs. */
  sign(answer: UnsignedAnswer): Promise<FieldList>;
}

/** An answer without an upstream, such as that to a CORS preflight. */
export interface LocalAnswer {
  status: number;
  fields: FieldList;
  /** Default: none. */
  body?: string | Uint8Array;
}

export interface Admission {
  /** Throws or rejects with the `GatehouseError` that the client gets. */
  admit(state: AdmissionState): Admitted | LocalAnswer | Promise<Admitted | LocalAnswer>;
  /** Whether an admitted request may continue under the current sections. */
  holds(state: AdmissionState): boolean;
  /** Whether the client's certificate is revoked. */
  isRevoked(client: Client): boolean;
  /** The fields of a 401 with this code that say which credentials are accepted (RFC 9110 §11.6.1). */
  challenge(code: ErrorCode, state: AdmissionState): FieldList;
  /** Undefined if the route signs no answers, or is not known. */
  signer(state: AdmissionState): ExchangeSigner | undefined;
}
