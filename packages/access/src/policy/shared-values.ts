// Values from text or lists that are often the same: each is created once and shared. So 100,000 callers with
// the same roles have one set of roles in memory.

/** The limit protects the memory. */
const VALUES_KNOWN = 16_384;

/**
 * Returns `make` with a cache for its values. The cache is emptied when it has more than `most` values.
 * @example
 * const rolesOf = createSharedValues((names: readonly string[]) => new Set(names));
 * rolesOf(['user']) === rolesOf(['user']); // true
 */
export function createSharedValues<From, Made>(
  make: (from: From) => Made,
  most = VALUES_KNOWN,
): (from: From) => Made {
  let known = new Map<string, Made>();
  return (from) => {
    const text = JSON.stringify(from);
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= most) known = new Map();
    const made = make(from);
    known.set(text, made);
    return made;
  };
}
