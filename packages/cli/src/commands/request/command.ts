// `gatehouse request`: options and help.
import { buildCommand } from '@stricli/core';
import { argument, cacert, dataFolder, repeated, toggle, value, withExamples } from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';
import { parseRetries } from './retries.ts';

const brief = 'Make one HTTP or FTP request, and print the body of the answer';

export const request = buildCommand({
  loader: async () => (await import('./request.ts')).request,
  parameters: {
    flags: {
      method: value('Method (default: GET, or POST with a body)', 'METHOD'),
      header: repeated("A header: 'Name: value'", 'HEADER'),
      data: repeated('The body, as with curl: several are joined with &; @FILE reads a file', 'DATA'),
      dataFile: value('Send this file as the body; - is standard input', 'FILE'),
      form: repeated('A field of a form: NAME=VALUE, or NAME@FILE to upload a file', 'FIELD'),
      download: value('Write the body to this new file', 'FILE'),
      continue: toggle('Store an unfinished --download as FILE.part, and continue with it the next time'),
      force: toggle('Replace the file of --download if it exists'),
      signedIn: toggle("Send the token of 'gatehouse login --gateway' for this server"),
      keyFile: value('Send the API key in this file', 'FILE'),
      tokenFile: value('Send the bearer token in this file', 'FILE'),
      identity: value(
        'Send NAME.pem with NAME.key, or else the key NAME.apikey or the token NAME.token',
        'NAME',
      ),
      cert: value('Send this client certificate and its chain', 'FILE'),
      key: value('Private key of that certificate (default: the same name with .key)', 'FILE'),
      certKey: value('The same as --key', 'FILE'),
      certPassphraseFile: value('File with the passphrase of that key (default: asks if needed)', 'FILE'),
      passwordFile: value('File with the password of the user in an FTP URL', 'FILE'),
      sign: value('Sign the request with this private key (RFC 9421)', 'FILE'),
      signKeyid: value("Id of that key, as 'gatehouse key add' printed it", 'ID'),
      signPassphraseFile: value('File with the passphrase of that key (default: asks if needed)', 'FILE'),
      verifySignature: toggle('Print the answer only if the server signed it for this request'),
      signatureKeys: value(
        'File with the key set that must have signed the answer (default: the key set of the server)',
        'FILE',
      ),
      seal: toggle('Seal the request, so that only the gateway can read it (Oblivious HTTP)'),
      sealCa: value('Roots for the keys of the gateway (default: those for TLS)', 'FILE'),
      sealPin: value("Pin of the gateway's signer, as sha256/BASE64", 'PIN'),
      gateway: value('Send the sealed request to this URL (default: the origin of URL)', 'URL'),
      ca: value('The same as --cacert', 'FILE'),
      cacert,
      pin: repeated('Exit with 6 unless a certificate of the server has this pin (sha256/…)', 'PIN'),
      crl: repeated('File with a revocation list, which must be current and cover the certificate', 'FILE'),
      revocation: {
        kind: 'enum',
        values: ['stapled', 'ask', 'require'],
        optional: true,
        brief:
          'Check revocation by what the server sends (stapled, the default), or also by its OCSP responder and list (ask); require: the same, and refuse if neither answers',
      },
      dataFolder,
      check: toggle('Exit with 14 for status 4xx, with 15 for 5xx, and with 7 for 401 if you give --cert'),
      include: toggle('Print the headers of the answer to standard error'),
      timeout: {
        kind: 'parsed',
        parse: parseDuration,
        optional: true,
        brief:
          'Longest wait for the connection, for the answer, and for each part of the answer (default: 30s)',
        placeholder: 'DURATION',
      },
      retry: {
        kind: 'parsed',
        parse: parseRetries,
        optional: true,
        brief: 'Repeat an idempotent request up to this many times after a temporary failure (default: 0)',
        placeholder: 'TIMES',
      },
      trace: toggle('Show on standard error how long each step took'),
      curl: toggle('Send nothing; print the same request as a curl command, without secrets'),
    },
    aliases: { X: 'method', H: 'header', d: 'data', i: 'include', c: 'continue' },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: argument(
        'URL, and then items: name==value, Name:value, field=value, field:=JSON, field@FILE',
        'URL',
      ),
    },
  },
  docs: {
    brief,
    fullDescription: withExamples(
      brief,
      'gatehouse request https://localhost:8443/notes --key-file robot.apikey --check',
      'gatehouse request https://localhost:8443/notes --cert robot.pem --check',
      'gatehouse request https://localhost:8443/notes name==Dave limit==3',
      'gatehouse request https://localhost:8443/notes text=hello stars:=5 --trace',
      'gatehouse request https://localhost:8443/notes --form file@report.pdf',
      'gatehouse request https://localhost:8443/notes --sign robot.key \\',
      '    --sign-keyid 2ubdimovt752s5jm --verify-signature',
      'gatehouse request https://localhost:8443/notes --key-file robot.apikey --seal',
      'gatehouse request ftp://robot@localhost/a.pdf --password-file robot.password',
      'gatehouse request https://localhost:8443/notes -d \'{"text": "hello"}\'',
    ),
  },
});
