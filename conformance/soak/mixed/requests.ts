// The requests of mixed traffic, as octets.

export const PATHS = { small: '/small', download: '/download', upload: '/upload', late: '/late' } as const;
export const DOWNLOAD_BYTES = 128 * 1024;
const UPLOAD_BYTES = 64 * 1024;

const FIELDS = 'Host: localhost\r\nAccept: */*\r\nUser-Agent: gatehouse-soak\r\n';
const UPLOAD_PART = Buffer.alloc(UPLOAD_BYTES, 'u');

export const SMALL = requestOf(`GET ${PATHS.small}`);
export const DOWNLOAD = requestOf(`GET ${PATHS.download}`);
export const LATE = requestOf(`GET ${PATHS.late}`);
/** Two Host fields (RFC 9112 §3.2). */
export const BAD = requestOf(`GET ${PATHS.small}`, 'Host: localhost\r\n');
export const UPLOAD = Buffer.concat([
  requestOf(`POST ${PATHS.upload}`, `Content-Length: ${UPLOAD_BYTES}\r\n`),
  UPLOAD_PART,
]);
export const CHUNKED_UPLOAD = Buffer.concat([
  requestOf(`POST ${PATHS.upload}`, 'Transfer-Encoding: chunked\r\n'),
  Buffer.from(`${UPLOAD_BYTES.toString(16)}\r\n`),
  UPLOAD_PART,
  Buffer.from('\r\n0\r\n\r\n'),
]);
/** Announces more octets than it sends. */
export const BROKEN_UPLOAD = Buffer.concat([
  requestOf(`POST ${PATHS.upload}`, 'Content-Length: 1000000\r\n'),
  UPLOAD_PART,
]);

function requestOf(start: string, more = ''): Buffer {
  return Buffer.from(`${start} HTTP/1.1\r\n${FIELDS}${more}\r\n`);
}
