// What a browser cannot do, or does itself. Each function is there, and says why it does not work.

/**
 * The function does not work in a browser. `feature` is its name.
 * @example
 * if (error instanceof Unsupported) console.error(error.feature);
 */
export class Unsupported extends Error {
  readonly feature: string;

  constructor(feature: string, reason: string) {
    super(`${feature} does not work in a browser: ${reason}`);
    this.name = 'Unsupported';
    this.feature = feature;
  }
}

const SOCKETS = 'a page has no sockets';
const TRUST = 'the browser decides which certificates it trusts and presents';
const FILES = 'a page has no files';
const SIGNATURES = 'its reader of keys is for Node; @gatehouse/protocol signs and verifies in pages';
const PROXIES = 'the browser chooses its proxy';

const reasons = {
  cache: 'the browser has a cache of its own',
  connectTls: SOCKETS,
  cookies: 'the browser keeps the cookies itself',
  createClient: SOCKETS,
  digest: 'the browser answers challenges of Digest itself, and its cryptography has no MD5',
  ftp: SOCKETS,
  identityFromFiles: FILES,
  listenTls: SOCKETS,
  memoryStore: 'the browser has a cache of its own',
  proxy: PROXIES,
  proxyFromEnvironment: PROXIES,
  renewAtGatehouse: TRUST,
  renewingIdentity: TRUST,
  signIn: 'a page signs people in by a redirect',
  signOut: 'a page signs people out by a redirect',
  tokenFile: FILES,
  trust: TRUST,
  givenKeys: SIGNATURES,
  keysOfSet: SIGNATURES,
  messageOf: SIGNATURES,
  seal: 'createSealedFetch of @gatehouse/protocol/sealed-fetch is for pages',
  sign: SIGNATURES,
  signRequest: SIGNATURES,
  signerOf: SIGNATURES,
  verifyAnswer: SIGNATURES,
  verifySignature: SIGNATURES,
  xmlrpc: 'its reader of XML is for Node',
  xmlrpcCall: 'its reader of XML is for Node',
  xmlrpcServer: SOCKETS,
} as const;

/** A function of this name that throws. */
export function unsupported(name: keyof typeof reasons): () => never {
  return () => {
    throw new Unsupported(name, reasons[name]);
  };
}

/** As `unsupported`, for a member. */
export function unsupportedMember(name: string, reason: string): () => never {
  return () => {
    throw new Unsupported(name, reason);
  };
}
