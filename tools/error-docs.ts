// Writes docs/errors.md from the catalogues of error codes.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { operationErrors } from '../packages/access/src/errors/operation-errors.ts';
import { requestErrors } from '../packages/access/src/errors/request-errors.ts';
import { clientErrorCodes } from '../packages/client/src/error-codes.ts';
import { problemTypes } from '../packages/server/src/acme/problem-types.ts';
import { x509ErrorCodes } from '../packages/x509/src/error-codes.ts';

export const ERRORS_PAGE = fileURLToPath(new URL('../docs/errors.md', import.meta.url));

interface Described {
  status?: number;
  means: string;
  remedy: string;
}

const INTRODUCTION = `# Errors

<!-- Written by tools/error-docs.ts from the catalogues of error codes. -->

This page is a reference: look up what you need. Errors over HTTP are problem documents (RFC 9457). The member \`code\` has one of
these codes, and \`type\` is \`urn:gatehouse:problem:\` with the code. Codes do not change between versions; details may. A 5xx never
gives its cause: the log has it under the \`request_id\`.
`;

/** The text of the page. */
export function errorsPage(): string {
  return [
    INTRODUCTION,
    section('Answers to requests', '', requestErrors),
    section(
      'Start and operation',
      'With one of these errors, Gatehouse does not start, or an operation fails.\n',
      operationErrors,
    ),
    section(
      'ACME',
      'The problem documents of ACME have the types of RFC 8555 §6.7: `urn:ietf:params:acme:error:` and one of these.\n',
      problemTypes,
    ),
    section(
      'Certificates and keys',
      'The codes of `X509Error` in `@gatehouse/x509`. The command line prints the message.\n',
      x509ErrorCodes,
    ),
    section('Client', 'The codes of `ClientError` in `@gatehouse/client`.\n', clientErrorCodes),
  ].join('\n');
}

function section(title: string, introduction: string, errors: Readonly<Record<string, Described>>): string {
  const hasStatus = Object.values(errors).some(({ status }) => status !== undefined);
  const head = hasStatus ? '| code | status | meaning | what to do |' : '| code | meaning | what to do |';
  const rule = hasStatus ? '|---|---|---|---|' : '|---|---|---|';
  const rows = Object.entries(errors).map(([code, { status, means, remedy }]) => {
    const cells = [`\`${code}\``, ...(hasStatus ? [String(status)] : []), means, remedy];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [`## ${title}\n`, ...(introduction === '' ? [] : [introduction]), head, rule, ...rows, ''].join(
    '\n',
  );
}

if (import.meta.main) writeFileSync(ERRORS_PAGE, errorsPage());
