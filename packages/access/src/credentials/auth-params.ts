// The parameters of an authentication scheme (RFC 9110 §11.2): `name=token` or `name="quoted string"`, with
// commas between them. Refuses everything else, and a repeated name.

const PARAMETER =
  /[\t ]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[\t ]*=[\t ]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"((?:[\t !#-[\]-~]|\\[\t -~])*)")[\t ]*(?:,|$)/y;
const MAX_LENGTH = 4096;

/**
 * By their names in lower case. Throws `SyntaxError`.
 * @example
 * parseAuthParams('realm="a", nc=00000001').get('nc'); // '00000001'
 */
export function parseAuthParams(text: string): ReadonlyMap<string, string> {
  const params = new Map<string, string>();
  if (text.length > MAX_LENGTH) throw new SyntaxError('too long');
  PARAMETER.lastIndex = 0;
  for (let end = 0; end < text.length; end = PARAMETER.lastIndex) {
    const [, name = '', token, quoted = ''] = PARAMETER.exec(text) ?? [];
    if (name === '') throw new SyntaxError('not a list of parameters');
    const key = name.toLowerCase();
    if (params.has(key)) throw new SyntaxError(`${key} comes twice`);
    params.set(key, token ?? quoted.replaceAll(/\\(.)/g, '$1'));
  }
  return params;
}
