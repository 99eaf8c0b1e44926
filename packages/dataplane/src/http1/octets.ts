// Classes of octets in HTTP/1.1 (RFC 9110 §5.5 and §5.6.2, RFC 9112 §3), and text from octets.

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const COLON = 0x3a;

/** 1 for the octets of a token. */
export const TOKEN = tableOf((octet) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(octet)));
/** 1 for the octets of a field value or a reason phrase: no control octets except the tab. */
export const TEXT = tableOf((octet) => octet === TAB || (octet >= SPACE && octet !== 0x7f));
/** 1 for the octets of a request target. */
export const VISIBLE = tableOf((octet) => octet > SPACE && octet < 0x7f);

// This accepts any Uint8Array. TextDecoder cannot be used, because its `latin1` is windows-1252.
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
};

/** Octets as text, one character each. */
export function latin1(octets: Uint8Array, start: number, end: number): string {
  return latin1Slice.call(octets, start, end);
}

export function isBlank(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB;
}

function tableOf(includes: (octet: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => (includes(octet) ? 1 : 0));
}

// `write` of a Buffer takes twice as long.
const { latin1Write } = Buffer.prototype as unknown as {
  latin1Write(this: Uint8Array, text: string, start: number, length: number): number;
};

/** Writes each character as one octet. Returns how many there were. */
export function writeLatin1(octets: Uint8Array, text: string, start: number): number {
  return latin1Write.call(octets, text, start, text.length);
}
