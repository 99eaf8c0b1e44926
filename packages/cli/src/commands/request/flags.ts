// The options of `gatehouse request`.

export interface BodyFlags {
  data?: readonly string[];
  dataFile?: string;
  form?: readonly string[];
}

export interface SealFlags {
  seal?: boolean;
  /** Roots for the keys of the gateway. Default: the roots for TLS. */
  sealCa?: string;
  sealPin?: string;
  /** Where sealed requests go. Default: the origin of the URL. */
  gateway?: string;
}

export interface SignatureFlags {
  sign?: string;
  signKeyid?: string;
  signPassphraseFile?: string;
  verifySignature?: boolean;
  signatureKeys?: string;
}

export interface RequestFlags extends BodyFlags, SealFlags, SignatureFlags {
  method?: string;
  header?: readonly string[];
  keyFile?: string;
  tokenFile?: string;
  /** Send the token of `gatehouse login`. */
  signedIn?: boolean;
  /** The name of files with a certificate, a key or a token. */
  identity?: string;
  cert?: string;
  certKey?: string;
  certPassphraseFile?: string;
  /** The private key of `cert`, also named `certKey`. */
  key?: string;
  /** Of the user of an FTP server. */
  passwordFile?: string;
  cacert?: string;
  /** The same as `cacert`. */
  ca?: string;
  pin?: readonly string[];
  /** Files. */
  crl?: readonly string[];
  revocation?: 'stapled' | 'ask' | 'require';
  download?: string;
  continue?: boolean;
  force?: boolean;
  dataFolder?: string;
  check?: boolean;
  include?: boolean;
  trace?: boolean;
  curl?: boolean;
  retry?: number;
  /** Seconds. */
  timeout?: number;
}
