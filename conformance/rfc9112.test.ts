// HTTP/1.1 message syntax (RFC 9112) at the gateway: a message that two parsers could read differently gets
// 4xx, the connection closes, and nothing of it reaches the upstream.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { eventually } from './support/conditions.ts';
import { connectRaw } from './support/raw-client.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin });
const { key } = await server.createKey(['admin']);
after(() => Promise.all([server.stop(), upstream.close()]));

const CREDENTIAL = `X-API-Key: ${key}`;
const FIELDS = `Host: localhost\r\n${CREDENTIAL}\r\n`;
const CLOSED_WITHIN_MS = 2000;
const SMUGGLED = `GET /forbidden-smuggled HTTP/1.1\r\n${FIELDS}\r\n`;

function get(fields: string, target = '/forbidden'): string {
  return `GET ${target} HTTP/1.1\r\n${FIELDS}${fields}\r\n`;
}

function post(fields: string, body: string): string {
  return `POST /forbidden HTTP/1.1\r\n${FIELDS}${fields}\r\n${body}`;
}

function chunked(body: string): string {
  return post('Transfer-Encoding: chunked\r\n', body);
}

/** Requests by the section that they violate. Everything else in them is valid. */
const REFUSED: Record<string, Record<string, string>> = {
  'Content-Length together with Transfer-Encoding (§6.1)': {
    'CL.TE': post('Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${SMUGGLED}`),
    'TE.CL': post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', `5c\r\n${SMUGGLED}\r\n0\r\n\r\n`),
    'CL.TE with CL 0': post('Content-Length: 0\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${SMUGGLED}`),
    'CL.TE in GET': `${get('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n')}0\r\n\r\n`,
  },
  'a transfer coding other than only chunked, or an obfuscated one (§6.1)': {
    xchunked: post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'),
    identity: post('Transfer-Encoding: identity\r\n', SMUGGLED),
    'gzip, chunked': post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
    'chunked, identity': post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'),
    'chunked twice in a list': post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'),
    'two fields': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n'),
    'two fields, empty first': post('Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    quoted: post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n'),
    parameter: post('Transfer-Encoding: chunked;q=1\r\n', '0\r\n\r\n'),
    'vertical tab': post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'),
    'trailing NUL': post('Transfer-Encoding: chunked\0\r\n', '0\r\n\r\n'),
    'non-breaking space': post('Transfer-Encoding: \xa0chunked\r\n', '0\r\n\r\n'),
    empty: post('Transfer-Encoding:\r\n', SMUGGLED),
    'list with an empty member': post('Transfer-Encoding: , chunked\r\n', '0\r\n\r\n'),
    'space before the colon': post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'),
    folded: post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n'),
    'hidden after a bare LF': post('X-A: b\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    'hidden after a bare CR': post('X-A: b\rTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  },
  'more than one Content-Length (§6.3)': {
    equal: post('Content-Length: 1\r\nContent-Length: 1\r\n', 'x'),
    different: post('Content-Length: 1\r\nContent-Length: 0\r\n', 'x'),
    'equal list': post('Content-Length: 1, 1\r\n', 'x'),
    'different list': post('Content-Length: 0, 1\r\n', 'x'),
    'differing in case': post('Content-Length: 1\r\ncontent-length: 1\r\n', 'x'),
  },
  'a Content-Length that is not digits (RFC 9110 §8.6)': Object.fromEntries(
    ['+1', '-1', '0x1', '1a', '', ' ', '1 1', '1;', '1.0', '1e0', '"1"', '\xb2', '1_0', "0'1"].map(
      (value) => [`"${value}"`, post(`Content-Length: ${value}\r\n`, 'x')],
    ),
  ),
  'a Content-Length that is too large for a number (§6.3)': Object.fromEntries(
    ['9007199254740993', '18446744073709551616', '18446744073709551617', '9'.repeat(40)].map((value) => [
      value,
      post(`Content-Length: ${value}\r\n`, 'x'),
    ]),
  ),
  'Transfer-Encoding in HTTP/1.0 (§6.1)': {
    POST: `POST /forbidden HTTP/1.0\r\n${FIELDS}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'keep-alive': `POST /forbidden HTTP/1.0\r\n${FIELDS}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  },
  'an invalid chunk size or chunk (§7.1)': {
    letters: chunked('g\r\nx\r\n0\r\n\r\n'),
    negative: chunked('-1\r\nx\r\n0\r\n\r\n'),
    plus: chunked('+1\r\nx\r\n0\r\n\r\n'),
    '0x': chunked('0x1\r\nx\r\n0\r\n\r\n'),
    'leading space': chunked(' 1\r\nx\r\n0\r\n\r\n'),
    'trailing space': chunked('1 \r\nx\r\n0\r\n\r\n'),
    'trailing tab': chunked('1\t\r\nx\r\n0\r\n\r\n'),
    empty: chunked('\r\nx\r\n0\r\n\r\n'),
    overflow: chunked(`${'F'.repeat(16)}1\r\nx\r\n0\r\n\r\n`),
    'overflow with zeros': chunked(`1${'0'.repeat(16)}\r\nx\r\n0\r\n\r\n`),
    'longer than announced': chunked(`1\r\nxyz\r\n0\r\n\r\n`),
    'without CRLF after it': chunked('1\r\nx0\r\n\r\n'),
    'bare LF after the size': chunked('1\nx\r\n0\r\n\r\n'),
    'bare LF after the data': chunked('1\r\nx\n0\r\n\r\n'),
    'bare CR after the size': chunked('1\rx\r\n0\r\n\r\n'),
    'bare LF in an extension': chunked('1;a\nb\r\nx\r\n0\r\n\r\n'),
    'bare CR in an extension': chunked('1;a\rb\r\nx\r\n0\r\n\r\n'),
    'bare LF after the last': chunked('0\n\n'),
    'two after the data': chunked(`1\r\nx\r\r\n0\r\n\r\n`),
    'trailer without a colon': chunked('0\r\nX-Trailer\r\n\r\n'),
    'folded trailer': chunked('0\r\nX-A: b\r\n c\r\n\r\n'),
  },
  'a bare LF or CR as a line end (§2.2)': {
    'LF after the request line': `GET /forbidden HTTP/1.1\n${FIELDS}\r\n`,
    'LF after a field': get('X-A: b\nX-B: c\r\n'),
    'LF everywhere': `GET /forbidden HTTP/1.1\nHost: localhost\n${CREDENTIAL}\n\n`,
    'LF as the empty line': `GET /forbidden HTTP/1.1\r\n${FIELDS}\n`,
    'CR in a field': get('X-A: b\rX-B: c\r\n'),
    'CR as the empty line': `GET /forbidden HTTP/1.1\r\n${FIELDS}\rX: y\r\n\r\n`,
    'CR CR LF': `GET /forbidden HTTP/1.1\r\r\n${FIELDS}\r\n`,
    'CR in the request line': `GET /forbidden\rHTTP/1.1\r\n${FIELDS}\r\n`,
  },
  'line folding (§5.2)': {
    space: get('X-A: b\r\n c\r\n'),
    tab: get('X-A: b\r\n\tc\r\n'),
    'of Host': `GET /forbidden HTTP/1.1\r\n${CREDENTIAL}\r\nHost:\r\n localhost\r\n\r\n`,
    'before the first field (§2.2)': `GET /forbidden HTTP/1.1\r\n X-A: b\r\n${FIELDS}\r\n`,
    'only white space': get('X-A: b\r\n \r\n'),
  },
  'control characters and other non-tokens in fields (RFC 9110 §5.5)': {
    'NUL in a value': get('X-A: b\0c\r\n'),
    'SOH in a value': get('X-A: b\x01c\r\n'),
    'ESC in a value': get('X-A: b\x1bc\r\n'),
    'DEL in a value': get('X-A: b\x7fc\r\n'),
    'NUL in a name': get('X\0A: b\r\n'),
    'space in a name': get('X A: b\r\n'),
    'delimiter in a name': get('X(A: b\r\n'),
    'byte above 127 in a name': get('X\xe9: b\r\n'),
    'empty name': get(': b\r\n'),
    'no colon': get('X-A\r\n'),
  },
  'white space before the colon (§5.1)': {
    'any field': get('X-A : b\r\n'),
    tab: get('X-A\t: b\r\n'),
    'Content-Length': post('Content-Length : 1\r\n', 'x'),
    Host: `GET /forbidden HTTP/1.1\r\nHost : localhost\r\n${CREDENTIAL}\r\n\r\n`,
  },
  'a missing, repeated or invalid Host (§3.2)': {
    none: `GET /forbidden HTTP/1.1\r\n${CREDENTIAL}\r\n\r\n`,
    empty: `GET /forbidden HTTP/1.1\r\nHost:\r\n${CREDENTIAL}\r\n\r\n`,
    'twice the same': get('Host: localhost\r\n'),
    two: get('Host: other.example\r\n'),
    'two in different case': get('HOST: localhost\r\n'),
    ...Object.fromEntries(
      [
        'a, b',
        'a b',
        'a/b',
        'a@b',
        'a?b',
        'a#b',
        'a\\b',
        'a:b',
        'a:123456',
        '[::1',
        'a%00',
        'http://a',
        "a'b",
      ].map((host) => [`"${host}"`, `GET /forbidden HTTP/1.1\r\nHost: ${host}\r\n${CREDENTIAL}\r\n\r\n`]),
    ),
  },
  'an absolute-form target that disagrees with Host (§3.2.2)': {
    'other host': get('', 'https://other.example/forbidden'),
    'other port': get('', 'https://localhost:1/forbidden'),
    userinfo: get('', 'https://user@localhost/forbidden'),
    'userinfo that looks like the host': get('', 'https://localhost@other.example/forbidden'),
    'empty authority': get('', 'https:///forbidden'),
    backslash: get('', 'https://localhost\\@other.example/forbidden'),
    'scheme http': get('', 'http://localhost/forbidden'),
    'scheme ftp': get('', 'ftp://localhost/forbidden'),
  },
  'methods that are not offered, and CONNECT and TRACE (RFC 9110 §9)': {
    CONNECT: `CONNECT localhost:443 HTTP/1.1\r\n${FIELDS}\r\n`,
    'CONNECT with a path': `CONNECT /forbidden HTTP/1.1\r\n${FIELDS}\r\n`,
    ...Object.fromEntries(
      ['TRACE', 'TRACK', 'PROPFIND', 'PURGE', 'get', 'GETX', 'G', 'QUERY', 'M-SEARCH'].map((method) => [
        method,
        `${method} /forbidden HTTP/1.1\r\n${FIELDS}\r\n`,
      ]),
    ),
    'NUL in the method': `GE\0T /forbidden HTTP/1.1\r\n${FIELDS}\r\n`,
    'space before the method': ` GET /forbidden HTTP/1.1\r\n${FIELDS}\r\n`,
  },
  'a target with forbidden characters (§3.2)': {
    fragment: get('', '/forbidden#a'),
    'fragment alone': get('', '#/forbidden'),
    'raw bytes': get('', '/forbidden/\xc3\xa9'),
    'raw bytes in the query': get('', '/forbidden?a=\xe9'),
    space: get('', '/forbidden a'),
    tab: get('', '/forbidden\ta'),
    NUL: get('', '/forbidden\0'),
    DEL: get('', '/forbidden\x7f'),
    'no slash': get('', 'forbidden'),
    empty: `GET  HTTP/1.1\r\n${FIELDS}\r\n`,
    'asterisk in GET': get('', '*'),
  },
  'protocol versions other than HTTP/1.1 and HTTP/1.0 (§2.3)': {
    ...Object.fromEntries(
      [
        'HTTP/0.9',
        'HTTP/1.2',
        'HTTP/1.01',
        'HTTP/2.0',
        'HTTP/3.0',
        'http/1.1',
        'HTTP/1',
        'HTTP/1.1.1',
        'ICY/1.0',
      ].map((version) => [version, `GET /forbidden ${version}\r\n${FIELDS}\r\n`]),
    ),
    none: `GET /forbidden\r\n${FIELDS}\r\n`,
    'the preface of HTTP/2 (RFC 9113 §3.4)': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  },
  'a flood of chunk extensions (§7.1.1)': {
    'after the first chunk size': chunked(`1;${'a'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`),
    'after the last chunk size': chunked(`1\r\nx\r\n0;${'a=b;'.repeat(5000)}\r\n\r\n`),
  },
  'too large or too many header fields (RFC 6585 §5)': {
    'one field': get(`X-A: ${'a'.repeat(20_000)}\r\n`),
    'one name': get(`${'a'.repeat(20_000)}: b\r\n`),
    'one target': get('', `/forbidden${'a'.repeat(20_000)}`),
    'many fields': get('X-A: b\r\n'.repeat(200)),
    'very many': get('X-A: b\r\n'.repeat(20_000)),
    'many trailers': chunked(`0\r\n${'X-A: b\r\n'.repeat(20_000)}\r\n`),
  },
  'a WebSocket among other protocols (RFC 9110 §7.8)': {
    'two protocols': get(
      'Connection: Upgrade\r\nUpgrade: websocket, h2c\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
    ),
  },
};

describe('the gateway refuses messages that two parsers could read differently (RFC 9112)', {
  concurrency: 16,
}, () => {
  for (const [offence, requests] of Object.entries(REFUSED)) {
    it(`refuses ${offence} with 4xx, closes, and forwards nothing`, async () => {
      const outcomes = await Promise.all(Object.entries(requests).map(outcomeOf));
      assert.deepEqual(
        outcomes.filter((outcome) => outcome !== 'refused'),
        [],
      );
    });
  }
});

async function outcomeOf([name, bytes]: [string, string]): Promise<string> {
  const client = await connectRaw(server);
  try {
    client.write(bytes);
    const { status } = await client.response();
    if (![400, 405, 413, 431].includes(status)) return `${name}: answered ${status}`;
    await client.ended(CLOSED_WITHIN_MS);
    const answers = client.received().match(/^HTTP\/1\.1 \d{3} /gm)?.length;
    return answers === 1 ? 'refused' : `${name}: ${answers} answers`;
  } catch (error) {
    return `${name}: ${error instanceof Error ? error.message.split('\r\n')[0] : error}`;
  } finally {
    client.destroy();
  }
}

describe('the gateway reads messages as RFC 9112 defines', { concurrency: 8 }, () => {
  it('reads a request that comes byte by byte (§2.2)', async () => {
    const client = await connectRaw(server);
    for (const byte of get('', '/slow-bytes')) client.write(byte);
    assert.equal((await client.response()).body.toString(), 'reached GET /slow-bytes');
    client.destroy();
  });

  it('reads chunked bodies with extensions, and makes no field of a trailer (§7.1)', async () => {
    const client = await connectRaw(server);
    const body = '3;a=b;c="d"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n';
    client.write(`POST /chunks HTTP/1.1\r\n${FIELDS}Transfer-Encoding: Chunked\r\n\r\n${body}`);
    assert.equal((await client.response()).status, 200);
    const [request] = upstream.saw('/chunks');
    assert.equal(request?.body.toString(), 'abc0123456789');
    assert.equal(request?.headers['x-trailer'], undefined);
    client.destroy();
  });

  it('accepts an absolute-form target that agrees with Host, and forwards the origin-form (§3.2.2)', async () => {
    const client = await connectRaw(server);
    client.write(get('', 'HTTPS://LOCALHOST/absolute?a=b'));
    assert.equal((await client.response()).status, 200);
    assert.equal(upstream.saw('/absolute')[0]?.url, '/absolute?a=b');
    client.destroy();
  });

  it('ignores an empty line before a request, and white space around a value (§2.2, §5.1)', async () => {
    const client = await connectRaw(server);
    client.write(`\r\nGET /empty-line HTTP/1.1\r\nhOST:\t localhost \t\r\n${CREDENTIAL}\r\nX-A:b\r\n\r\n`);
    assert.equal((await client.response()).status, 200);
    assert.equal(upstream.saw('/empty-line')[0]?.headers['x-a'], 'b');
    client.destroy();
  });

  const IGNORED: Record<string, string> = {
    h2c: 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n',
    'h2c without Connection': 'Upgrade: h2c\r\n',
    TLS: 'Connection: Upgrade\r\nUpgrade: TLS/1.2\r\n',
  };
  for (const [protocol, fields] of Object.entries(IGNORED)) {
    it(`ignores an upgrade to ${protocol} (RFC 9110 §7.8)`, async () => {
      const client = await connectRaw(server);
      const path = `/ignored-${encodeURIComponent(protocol)}`;
      client.write(get(fields, path));
      assert.equal((await client.response()).status, 200);
      const { upgrade, connection, 'http2-settings': settings } = upstream.saw(path)[0]?.headers ?? {};
      assert.deepEqual([upgrade, settings], [undefined, undefined]);
      assert.doesNotMatch(connection ?? '', /upgrade/i);
      client.destroy();
    });
  }

  it('serves HTTP/1.0 without Host (§3.2), and OPTIONS * (RFC 9110 §9.3.7)', async () => {
    const old = await connectRaw(server);
    old.write(`GET /without-host HTTP/1.0\r\n${CREDENTIAL}\r\n\r\n`);
    assert.equal((await old.response()).status, 200);
    old.destroy();
    const client = await connectRaw(server);
    client.write(`OPTIONS * HTTP/1.1\r\n${FIELDS}\r\n`);
    assert.equal((await client.response()).status, 204);
    client.destroy();
  });

  it('answers HTTP/1.0 without chunks and closes (§9.3, §7)', async () => {
    upstream.on('/streamed', (_request, response) => {
      response.write('one ');
      response.end('two');
    });
    const client = await connectRaw(server);
    client.write(`GET /streamed HTTP/1.0\r\n${FIELDS}\r\n`);
    await client.ended();
    const { headers, body } = await client.response();
    assert.equal(headers.get('transfer-encoding'), undefined);
    assert.equal(body.toString(), 'one two');
    client.destroy();
  });

  it('serves pipelined requests one after the other and answers in order (§9.3.2)', async () => {
    let underWay = 0;
    let most = 0;
    upstream.on('/pipelined', (request, response) => {
      most = Math.max(most, ++underWay);
      request.resume().on('end', () => {
        underWay -= 1;
        response.end(request.url);
      });
    });
    const client = await connectRaw(server);
    const targets = Array.from({ length: 40 }, (_, index) => `/pipelined?${index}`);
    client.write(
      targets.map((target) => `POST ${target} HTTP/1.1\r\n${FIELDS}Content-Length: 3\r\n\r\nabc`).join(''),
    );
    for (const target of targets) assert.equal((await client.response()).body.toString(), target);
    assert.equal(most, 1);
    assert.deepEqual(
      upstream.saw('/pipelined?').map(({ url }) => url),
      targets,
    );
    client.destroy();
  });

  it('answers the requests before a malformed one, then refuses that one and closes (§2.2, §9.3.2)', async () => {
    const client = await connectRaw(server);
    client.write(
      `${get('', '/before?1')}${get('', '/before?2')}${get('X-A : b\r\n')}${get('', '/forbidden-behind')}`,
    );
    assert.equal((await client.response()).body.toString(), 'reached GET /before?1');
    assert.equal((await client.response()).body.toString(), 'reached GET /before?2');
    assert.equal((await client.response()).status, 400);
    await client.ended();
    client.destroy();
  });

  it('never mixes a refusal into a running answer (§9.3.2)', async () => {
    let release = () => {};
    upstream.on('/under-way', (_request, response) => {
      response.write('first half, ');
      release = () => void response.end('second half');
    });
    const client = await connectRaw(server);
    client.write(get('', '/under-way'));
    await eventually('the first half', () => client.received().includes('first half'));
    client.write('THIS IS NOT HTTP\r\n\r\n');
    client.write(`CONNECT localhost:443 HTTP/1.1\r\n${FIELDS}\r\n`);
    release();
    assert.equal((await client.response()).body.toString(), 'first half, second half');
    assert.equal((await client.response()).status, 400);
    await client.ended();
    client.destroy();
  });

  it('refuses a body that becomes malformed after its beginning was forwarded, and aborts it at the upstream (§7.1, §8)', async () => {
    const client = await connectRaw(server);
    client.write(`POST /broken-later HTTP/1.1\r\n${FIELDS}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`);
    await eventually('the beginning', () => upstream.saw('/broken-later')[0]?.body.length === 5);
    client.write('zz\r\nx\r\n0\r\n\r\n');
    assert.equal((await client.response()).status, 400);
    await client.ended();
    await eventually('the end upstream', () => upstream.saw('/broken-later')[0]?.aborted);
    assert.equal(upstream.saw('/broken-later')[0]?.complete, false);
    client.destroy();
  });

  it('serves no more requests on the connection of a refused request, even if more is pipelined (§9.6)', async () => {
    const client = await connectRaw(server);
    client.write(`${get('Host: localhost\r\n')}${get('', '/forbidden-behind')}`.repeat(3));
    assert.equal((await client.response()).status, 400);
    await client.ended();
    assert.equal(client.received().match(/^HTTP\/1\.1 \d{3} /gm)?.length, 1);
    client.destroy();
  });

  it('closes in stages, so that an answer before the end of a large body arrives (§9.6)', async () => {
    const client = await connectRaw(server);
    client.write(`POST /forbidden HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000000\r\n\r\n`);
    const megabyte = Buffer.alloc(1024 * 1024);
    for (let sent = 0; sent < 20; sent += 1) client.write(megabyte);
    const { status, headers } = await client.response();
    assert.equal(status, 401);
    assert.deepEqual(headers.get('connection'), ['close']);
    client.destroy();
  });

  it('leaves a connection open for many requests, unless the client says close (§9.3, §9.6)', async () => {
    const client = await connectRaw(server);
    for (let count = 0; count < 5; count += 1) {
      client.write(get('', `/again?${count}`));
      assert.equal((await client.response()).body.toString(), `reached GET /again?${count}`);
    }
    client.write(get('Connection: close\r\n', '/again?last'));
    assert.deepEqual((await client.response()).headers.get('connection'), ['close']);
    await client.ended();
    client.destroy();
  });

  it('continues after a denial, because the framing of that request is clear (§9.3)', async () => {
    const client = await connectRaw(server);
    client.write('GET /anonymous HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.equal((await client.response()).status, 401);
    client.write(get('', '/with-key'));
    assert.equal((await client.response()).status, 200);
    client.destroy();
  });
});

describe('after all requests', () => {
  it('no refused request has reached the upstream, and the gateway continues to run', async () => {
    const client = await connectRaw(server);
    client.write(get('', '/allowed'));
    assert.equal((await client.response()).status, 200);
    client.destroy();
    assert.deepEqual(upstream.saw('forbidden'), []);
    assert.deepEqual(
      server.running.gateway.workers().map(({ restarts }) => restarts),
      server.running.gateway.workers().map(() => 0),
    );
  });
});
