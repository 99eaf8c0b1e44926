// The methods of a client, which are the same in Node and in browsers.

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const;

/** One function for each method. */
export type Methods<Call> = Record<(typeof METHODS)[number], Call>;

/** Creates them from the function for any method. */
export function methodsOf<Url, Options extends object, Pending>(
  call: (url: Url, options: Options & { method: string }) => Pending,
): Methods<(url: Url, options?: Options) => Pending> {
  const by = (name: string) => (url: Url, options?: Options) =>
    call(url, { ...(options as Options), method: name.toUpperCase() });
  return Object.fromEntries(METHODS.map((name) => [name, by(name)])) as Methods<
    (url: Url, options?: Options) => Pending
  >;
}
