// The file name for a certificate's first name: `*.example.com` becomes `_wildcard.example.com`, `::1`
// becomes `__1`. The result is safe in a shell and in a path, and does not look like an option.

/** Without an ending; never empty, at most 100 characters. */
export function fileNameOf(name: string): string {
  const safe = name
    .replace(/^(?:DNS|IP|email|URI):/i, '')
    .replace(/^\*(?=\.)/, '_wildcard')
    .replaceAll(/[^A-Za-z0-9._@+-]/g, '_')
    .replace(/^[.-]/, '_')
    .slice(0, MAX_CHARACTERS);
  return safe === '' ? 'certificate' : safe;
}

const MAX_CHARACTERS = 100;
