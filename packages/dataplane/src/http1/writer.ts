// Writes HTTP/1.1 messages as text (RFC 9112 §4, §5, §7.1), with one character for each octet. Its output is
// always valid, because its input comes from a reader or from this program.
import type { FieldList } from './messages.ts';

/** The interim answer to `Expect: 100-continue` (RFC 9110 §15.2.1). */
export const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
/** The octets after the content of a chunk. */
export const CHUNK_END = '\r\n';

const PRINTABLE = /^[\t\x20-\x7e]*$/;

/** One line for each field. An empty line ends the head. */
export function fieldLines(fields: FieldList): string {
  let lines = '';
  for (let index = 0; index < fields.length; index += 2) {
    lines += `${fields[index]}: ${fields[index + 1]}\r\n`;
  }
  return lines;
}

/** The octets before the content of a chunk. A chunk is never empty. */
export function chunkHead(size: number): string {
  return `${size.toString(16)}\r\n`;
}

/** The end of a body in chunks. */
export function lastChunk(trailers: FieldList): string {
  return `0\r\n${fieldLines(trailers)}\r\n`;
}

/** The usual phrase (RFC 9110 §15); empty for an unknown status. */
export function reasonPhrase(status: number): string {
  return PHRASES[status] ?? '';
}

/** The reason phrase for clients. */
export function asciiPhrase(reason: string): string {
  return PRINTABLE.test(reason) ? reason : reason.replaceAll(/[^\t\x20-\x7e]/g, '?');
}

/** The value of Date (RFC 9110 §5.6.7) for a time in milliseconds; created once a second. */
export function createHttpDate(): (time: number) => string {
  let second = Number.NaN;
  let text = '';
  return (time) => {
    const now = Math.floor(time / 1000);
    if (now !== second) {
      second = now;
      text = new Date(now * 1000).toUTCString();
    }
    return text;
  };
}

const PHRASES: Readonly<Record<number, string>> = {
  100: 'Continue',
  101: 'Switching Protocols',
  103: 'Early Hints',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  203: 'Non-Authoritative Information',
  204: 'No Content',
  205: 'Reset Content',
  206: 'Partial Content',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  426: 'Upgrade Required',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  451: 'Unavailable For Legal Reasons',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  507: 'Insufficient Storage',
};
