// The head of a final answer, or of the answer that opens a tunnel (RFC 9112 §4, §9.3).
import type { AnswerHead } from '../exchange/client-stream.ts';
import { fieldLines } from '../http1/writer.ts';

/** Whether the connection stays open, for the client; undefined: the default of its version. */
type Persistence = 'close' | 'keep-alive' | undefined;

/** The fields that the connection adds to an answer. */
export interface AnswerFraming {
  chunked: boolean;
  persistence: Persistence;
  httpDate(): string;
}

/** How the body is delimited (RFC 9112 §6.3), and whether the connection stays open (§9.3). */
export function framingFor(
  { body, last }: Pick<AnswerHead, 'body' | 'last'>,
  { version, mayContinue }: { version: string | undefined; mayContinue: boolean },
): Pick<AnswerFraming, 'chunked' | 'persistence'> {
  const chunked = body === 'unknown' && version === '1.1';
  if (last || !mayContinue || (body === 'unknown' && !chunked)) return { chunked, persistence: 'close' };
  return { chunked, persistence: version === '1.0' ? 'keep-alive' : undefined };
}

/** Without `framing` for a tunnel. */
export function answerHeadText(answer: AnswerHead, framing: AnswerFraming | undefined): string {
  const { status, reason, passed, fields } = answer;
  let head = `HTTP/1.1 ${status} ${reason}\r\n${passed ? passed.lines : ''}${fieldLines(fields)}`;
  if (!framing) return `${head}\r\n`;
  if (!passed?.hasDate) head += `Date: ${framing.httpDate()}\r\n`;
  if (framing.chunked) head += 'Transfer-Encoding: chunked\r\n';
  if (framing.persistence) head += `Connection: ${framing.persistence}\r\n`;
  return `${head}\r\n`;
}
