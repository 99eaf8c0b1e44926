// Parts of a line of the access log.

/** The caller, the request and the decision. */
export interface AskedMembers {
  principal?: string | null;
  via?: string | null;
  keyId?: string | undefined;
  /** Of a token that was denied. */
  tokenId?: string | undefined;
  certificateSerial?: string | undefined;
  method?: string;
  path?: string;
  route?: string | null;
  decision: 'allowed' | 'denied' | 'refused';
  reason?: string | undefined;
  /** The policies that denied it or raised an alarm. */
  policies?: readonly string[] | undefined;
}

/** A request that could not be read has only the status. */
export interface MeasuredMembers {
  status: number;
  bytesIn?: number;
  bytesOut?: number;
  durationMs?: number;
  upstreamMs?: number | undefined;
}

export interface ClientMembers {
  address: string;
  tlsVersion: string | undefined;
  tlsGroup: string | undefined;
  tlsCipher: string | undefined;
  /** Only for sealed requests. */
  sealed: boolean | undefined;
}

/** Members that never change. */
export class RecordPart<Members extends object> {
  readonly members: Members;
  #octets: Uint8Array | undefined;

  constructor(members: Members) {
    this.members = members;
  }

  /** As JSON in UTF-8, without the braces. */
  get octets(): Uint8Array {
    this.#octets ??= Buffer.from(JSON.stringify(this.members).slice(1, -1));
    return this.#octets;
  }
}
