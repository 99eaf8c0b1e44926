// The context of a request as a record of Cedar. Its members are computed when a policy reads them, so unused
// members cost nothing.
import type { Fields, RecordValue, Value } from '@gatehouse/cedar';
import { ipAddress, recordValue } from '@gatehouse/cedar';
import { isKnownAge } from '../principals/authentication-strength.ts';
import type { Principal } from '../principals/principal.ts';
import type { AccessContext } from './policy.ts';
import type { KnownPrincipal } from './principal-entities.ts';

/** The members that a context can have. */
const MEMBERS = [
  'method',
  'path',
  'params',
  'query',
  'headers',
  'address',
  'time',
  'tls',
  'via',
  'amr',
  'signInAge',
  'scopes',
  'binding',
  'apiKey',
  'client',
] as const;

/** Finds an IP address as a value of Cedar; undefined for other texts, such as `socket`. */
export type FindAddress = (text: string) => Value | undefined;

/** The members that depend only on the caller. */
const OF_THE_CALLER: ReadonlySet<string> = new Set(['via', 'amr', 'scopes', 'binding', 'apiKey', 'client']);

export class RequestContext implements RecordValue, Fields {
  readonly kind = 'record';
  /** Whether a policy has read a member that may differ in another request of the same caller. */
  wasAsked = false;
  readonly #context: AccessContext;
  readonly #principal: Principal;
  readonly #known: KnownPrincipal;
  readonly #addressOf: FindAddress;

  constructor(
    context: AccessContext,
    { principal, known, addressOf }: { principal: Principal; known: KnownPrincipal; addressOf: FindAddress },
  ) {
    this.#context = context;
    this.#principal = principal;
    this.#known = known;
    this.#addressOf = addressOf;
  }

  get fields(): Fields {
    return this;
  }

  get size(): number {
    return this.#present().length;
  }

  keys(): MapIterator<string> {
    return this.#present().values();
  }

  get(name: string): Value | undefined {
    if (!OF_THE_CALLER.has(name)) this.wasAsked = true;
    switch (name) {
      case 'method':
        return this.#context.method;
      case 'path':
        return this.#context.path;
      case 'params':
        return recordValue(this.#context.params);
      case 'query':
        return recordValue(this.#context.query ?? NONE);
      case 'headers':
        return recordValue(this.#context.headers ?? NONE);
      case 'address':
        return this.#addressOf(this.#context.address);
      case 'time':
        return { kind: 'datetime', milliseconds: this.#context.time };
      case 'tls':
        return tlsRecord(this.#context.tls);
      case 'via':
        return this.#principal.via;
      case 'amr':
        return this.#known.amr;
      case 'signInAge':
        return this.#signInAge();
      case 'scopes':
        return this.#known.scopes;
      case 'binding':
        return this.#known.binding;
      case 'apiKey':
        return this.#known.apiKey;
      case 'client':
        return this.#known.client;
      default:
        return undefined;
    }
  }

  #signInAge(): Value | undefined {
    const { authTime } = this.#principal;
    if (authTime === undefined) return undefined;
    const milliseconds = this.#context.time - authTime * 1000;
    return isKnownAge(milliseconds / 1000) ? { kind: 'duration', milliseconds } : undefined;
  }

  #present(): string[] {
    return MEMBERS.filter((name) => this.get(name) !== undefined);
  }
}

const NONE: Fields = new Map();

function tlsRecord(tls: AccessContext['tls']): Value | undefined {
  if (!tls) return undefined;
  const { version, group, certificateSerial: serial } = tls;
  const fields = new Map<string, Value>([['version', version]]);
  if (group !== '') fields.set('group', group);
  if (serial !== undefined) fields.set('certificate', recordValue(new Map([['serial', serial]])));
  return recordValue(fields);
}

const ADDRESSES_KNOWN = 4096;

/** Caches addresses, because most come again. */
export function createAddressFinder(): FindAddress {
  let known = new Map<string, { value: Value | undefined }>();
  return (text) => {
    const found = known.get(text);
    if (found) return found.value;
    if (known.size >= ADDRESSES_KNOWN) known = new Map();
    const value = addressValue(text);
    known.set(text, { value });
    return value;
  };
}

/** An IPv4 address in IPv6 form (RFC 4291 §2.5.5.2) counts as IPv4. A zone is removed. */
function addressValue(text: string): Value | undefined {
  try {
    return ipAddress(text.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, ''));
  } catch {
    return undefined;
  }
}
