// The state of the request of an exchange: its own data, and the results of admission.
import type { ClaimedCredential, GatewayRoute, PresentedCertificate, Principal } from '@gatehouse/access';
import type { FieldList } from '../http1/messages.ts';
import type { TlsFacts } from '../transport/transport.ts';
import type { AdmissionState } from './admission.ts';
import type { Client, ClientRequest } from './client-stream.ts';

export class ExchangeState implements AdmissionState {
  readonly request: ClientRequest;
  readonly client: Client;
  readonly method: string;
  readonly address: string;
  readonly presented: PresentedCertificate | undefined;
  readonly requestId: string;
  readonly host: string;
  path: string;
  query = '';
  route: GatewayRoute | undefined;
  principal: Principal | undefined;
  decision: 'allowed' | 'denied' | 'refused' = 'refused';
  claimed: ClaimedCredential | undefined;
  reason: string | undefined;
  policies: readonly string[] | undefined;
  isChecked = false;
  isRepeatable = false;
  answerFields: FieldList | undefined;
  replacedFields: ReadonlySet<string> | undefined;

  /** `host` is the host of a request without a Host field. */
  constructor(
    { request, client }: { request: ClientRequest; client: Client },
    { requestId, host }: { requestId: string; host: string },
  ) {
    this.request = request;
    this.client = client;
    this.method = request.method;
    this.address = client.address;
    this.presented = client.presented;
    this.requestId = requestId;
    this.host = request.host ?? host;
    this.path = request.sentPath;
  }

  get fields(): FieldList {
    return this.request.fields;
  }

  get tls(): TlsFacts | undefined {
    return this.client.tls;
  }
}
