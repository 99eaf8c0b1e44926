// The interface of an exchange to admission: whether a request may pass, and to which upstream.
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

/** A request for admission, which fills in the fields that are not readonly. */
export interface AdmissionState extends AccessState {
  readonly request: ClientRequest;
  readonly client: Client;
  /** The effective host, also for a request without Host. */
  readonly host: string;
  /** Whether its syntax was accepted, so that the end of the request is unambiguous. */
  isChecked: boolean;
  /** Fields of every answer, also of refusals, for example those of CORS. */
  answerFields: FieldList | undefined;
  /** The fields of an upstream's answer that these replace, in lower case. */
  replacedFields: ReadonlySet<string> | undefined;
}

export interface Admitted {
  route: GatewayRoute;
  upstream: Upstream;
  /** Path and query for the upstream. */
  path: string;
  /** The signed assertion about the caller; undefined for anonymous requests. */
  assertion: string | undefined;
  /** Whether we issued the credential with this value. */
  isOwnCredential(value: string): boolean;
  /** Translates a path of the upstream into the path for clients, if they differ. */
  clientPath?: ((path: string) => string | undefined) | undefined;
  /** For a signed request: checks its body before any of it is forwarded. */
  body?: SignedBody | undefined;
  /** The request to the upstream, after it was built. Repeated requests share it. */
  template: RequestTemplate | undefined;
  /** The part of the access log line for it. Repeated requests share it. */
  asked: RecordPart<AskedMembers> | undefined;
}

/** The expected body of a signed request. */
export interface SignedBody {
  maxBytes: number;
  /** Rejects with the error for the client, after the denial was recorded. */
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
  /** The fields of a 401 with this code, which name the accepted credentials (RFC 9110 §11.6.1). */
  challenge(code: ErrorCode, state: AdmissionState): FieldList;
  /** Undefined if the route signs no answers, or is unknown. */
  signer(state: AdmissionState): ExchangeSigner | undefined;
}
