// Identifier octets of the ASN.1 types in certificates (X.690 §8.1.2). All have a tag number below 31.

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

export const CONSTRUCTED = 0x20;
export const CONTEXT_SPECIFIC = 0x80;
export const CLASS_BITS = 0xc0;
/** With this tag number more identifier octets follow (X.690 §8.1.2.4). */
export const HIGH_TAG_NUMBER = 0x1f;

/** The characters of PrintableString (X.680 §41.4). */
export const PRINTABLE_STRING = /^[A-Za-z0-9 '()+,\-./:=?]*$/;
