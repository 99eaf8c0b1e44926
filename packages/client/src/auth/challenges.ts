// Reads the challenges of WWW-Authenticate and Proxy-Authenticate (RFC 9110 §11.6.1). A field can have
// several. Commas separate them, and also their parameters.

/** One challenge. Names are in lower case. */
export interface Challenge {
  scheme: string;
  parameters: Readonly<Record<string, string>>;
}

const SCHEME = /[\s,]*([!#$%&'*+\-.^_`|~\w]+)(?:[ \t]+|(?=,|$))/y;
const PARAMETER =
  /[\s,]*([!#$%&'*+\-.^_`|~\w]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~\w]+))[ \t]*(?=,|$)/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*[ \t]*(?=,|$)/y;

/** The challenges of a field, in its order. Stops at the first one that it cannot read. */
export function parseChallenges(field: string | null): Challenge[] {
  const text = field ?? '';
  const challenges: Challenge[] = [];
  let position = 0;
  while (position < text.length) {
    const scheme = at(SCHEME, text, position);
    if (scheme === undefined) break;
    const read = readParameters(text, position + scheme[0].length);
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters: read.parameters });
    position = read.end;
  }
  return challenges;
}

function readParameters(text: string, start: number): { parameters: Record<string, string>; end: number } {
  const parameters: Record<string, string> = {};
  let end = start;
  for (;;) {
    const parameter = at(PARAMETER, text, end);
    if (parameter === undefined) break;
    const [all, name = '', quoted, token = ''] = parameter;
    parameters[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? token;
    end += all.length;
  }
  if (end === start) end += at(TOKEN68, text, end)?.[0].length ?? 0;
  return { parameters, end };
}

function at(pattern: RegExp, text: string, position: number): RegExpExecArray | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text) ?? undefined;
}
