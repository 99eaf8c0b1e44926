// Functions that a browser cannot offer, or that it does itself. Each throws an error that says why.

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
const PROXIES = 'the browser chooses its proxy';

const reasons = {
  cache: 'the browser has its own cache',
  connectTls: SOCKETS,
  cookies: 'the browser stores the cookies itself',
  createClient: SOCKETS,
  digest: 'the browser answers challenges of Digest itself, and its cryptography has no MD5',
  ftp: SOCKETS,
  identityFromFiles: FILES,
  listenTls: SOCKETS,
  memoryStore: 'the browser has its own cache',
  proxy: PROXIES,
  proxyFromEnvironment: PROXIES,
  renewAtGatehouse: TRUST,
  renewingIdentity: TRUST,
  signIn: 'a page signs people in by a redirect',
  signOut: 'a page signs people out by a redirect',
  tokenFile: FILES,
  trust: TRUST,
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

const OPTIONS: Readonly<Record<string, string>> = {
  http2: 'the browser chooses the version of HTTP',
  decompress: 'the browser decompresses itself',
  publicOnly: 'the browser looks up the addresses itself',
  plaintextRedirects: 'the browser follows redirects itself',
  'timeouts.connectSeconds': 'the browser opens the connections itself',
  'timeouts.headersSeconds': 'set timeouts.totalSeconds',
  'timeouts.bodySeconds': 'set timeouts.totalSeconds',
  'limits.decodedBytes': 'the browser decompresses itself; set limits.bodyBytes',
  'limits.ratio': 'the browser decompresses itself; set limits.bodyBytes',
  'limits.headerBytes': 'the browser reads the header itself',
  'limits.redirects': 'the browser follows redirects itself',
};

/** Throws for an option that works in Node only, so that no program relies on it. */
export function refuseOptions(options: object): void {
  const { timeouts, limits } = options as Record<string, object | undefined>;
  const given = [
    ...Object.keys(options),
    ...Object.keys(timeouts ?? {}).map((name) => `timeouts.${name}`),
    ...Object.keys(limits ?? {}).map((name) => `limits.${name}`),
  ];
  for (const name of given) {
    const reason = OPTIONS[name];
    if (reason !== undefined) throw new Unsupported(name, reason);
  }
}
