// Cross-origin requests (the CORS protocol of the Fetch standard, §3.3): the answer to a preflight, and the
// fields of all other answers. A preflight is answered before authentication, because browsers send no
// credential with it.

/** Which pages of other origins may call a route. */
export type CorsRule = {
  /** Serialized origins, `https://app.example`, or only `*`. */
  origins: readonly string[];
  methods: readonly string[];
  /** Field names in lower case. */
  headers: readonly string[];
  /** Whether browsers may send cookies and client certificates. Never together with `*`. */
  credentials: boolean;
  /** How long a browser may cache the answer to a preflight. */
  maxAgeSeconds: number;
};

/** A field of an answer. */
export type CorsField = readonly [name: string, value: string];

/** The values of the fields that the CORS protocol reads. */
export interface CorsRequest {
  method: string;
  origin: string | undefined;
  /** Access-Control-Request-Method. */
  requestMethod: string | undefined;
}

/**
 * The fields of an upstream's answer that our own fields replace on a route with a rule, in lower case.
 * @example
 * const kept = fields.filter(({ name }) => !CORS_ANSWER_FIELDS.has(name));
 */
export const CORS_ANSWER_FIELDS: ReadonlySet<string> = new Set([
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
]);

/**
 * The method in a preflight (Fetch §3.3.2), which determines its route. Undefined for any other request, also
 * for an ordinary OPTIONS.
 * @example
 * const method = preflightMethod(request) ?? request.method;
 */
export function preflightMethod({ method, origin, requestMethod }: CorsRequest): string | undefined {
  return method === 'OPTIONS' && origin !== undefined ? requestMethod : undefined;
}

/**
 * The fields of the answer to a preflight, which has status 204. For an origin without permission they permit
 * nothing, so the browser refuses the request.
 * @example
 * const answer = { status: 204, fields: preflightFields(route.cors, origin) };
 */
export function preflightFields(rule: CorsRule, origin: string): CorsField[] {
  const vary: CorsField = ['Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'];
  const permission = permissionFields(rule, origin);
  if (permission.length === 0) return [vary];
  return [
    ...permission,
    ['Access-Control-Allow-Methods', rule.methods.join(', ')],
    ...(rule.headers.length > 0 ? [['Access-Control-Allow-Headers', rule.headers.join(', ')] as const] : []),
    ['Access-Control-Max-Age', String(rule.maxAgeSeconds)],
    vary,
  ];
}

/**
 * The fields of every other answer of the route, also of refusals, so that a page can read the reason.
 * @example
 * for (const [name, value] of answerFields(route.cors, origin)) fields.add(name, value);
 */
export function answerFields(rule: CorsRule, origin: string | undefined): CorsField[] {
  if (isOpen(rule)) return permissionFields(rule, '*');
  // Caches must know that the answer depends on Origin, also if the request has none (Fetch §3.3.3).
  const vary: CorsField = ['Vary', 'Origin'];
  return origin === undefined ? [vary] : [...permissionFields(rule, origin), vary];
}

function permissionFields(rule: CorsRule, origin: string): CorsField[] {
  if (isOpen(rule)) return [['Access-Control-Allow-Origin', '*']];
  // Browsers compare octet by octet.
  if (!rule.origins.includes(origin)) return [];
  return [
    ['Access-Control-Allow-Origin', origin],
    ...(rule.credentials ? [['Access-Control-Allow-Credentials', 'true'] as const] : []),
  ];
}

function isOpen({ origins }: CorsRule): boolean {
  return origins.includes('*');
}
