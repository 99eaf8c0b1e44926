// Finds what a person probably meant by a name that does not exist: another spelling, or the word that other
// gateways use for it.

/** The names of our keys in Kong, Caddy, nginx and others. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  acl: ['allow'],
  auth: ['access'],
  authentication: ['accept'],
  backend: ['upstream', 'url'],
  backends: ['upstreams'],
  bind: ['listen'],
  cafile: ['ca'],
  cert: ['certificate'],
  certs: ['certificates'],
  cipher: ['suites'],
  ciphers: ['suites'],
  ciphersuites: ['suites'],
  curves: ['groups'],
  domain: ['host'],
  hosts: ['host'],
  hostname: ['host'],
  loglevel: ['level'],
  pattern: ['path'],
  port: ['listen'],
  private: ['access'],
  privatekey: ['key'],
  proxypass: ['upstream'],
  public: ['access'],
  role: ['roles'],
  server: ['upstream'],
  service: ['upstream'],
  services: ['upstreams'],
  stripprefixes: ['stripPrefix'],
  strippath: ['stripPrefix'],
  target: ['upstream', 'url'],
  timeout: ['timeouts'],
  uri: ['path', 'url'],
  url: ['upstream'],
  users: ['principals'],
  user: ['principals'],
  verb: ['methods'],
  verbs: ['methods'],
};

/** The most similar of `names`; undefined if none is similar. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const wanted = comparable(name);
  const elsewhere = Object.hasOwn(ELSEWHERE, wanted) ? (ELSEWHERE[wanted] ?? []) : [];
  const distances = names.map((each) => ({ each, distance: editDistance(wanted, comparable(each)) }));
  const near = distances
    .filter(({ each, distance }) => distance <= Math.min(2, each.length / 2))
    .sort((one, other) => one.distance - other.distance)[0]?.each;
  return near ?? elsewhere.find((each) => names.includes(each));
}

/** A name without upper case, underscores and hyphens. */
export function comparable(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
