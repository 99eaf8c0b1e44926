// The encrypted endpoint of @gatehouse/protocol on node:http, in a separate program. Arguments: the port, and
// `signed` if the offered keys are signed. The limits are so high that a measurement never reaches them.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { createEncryptedEndpoint, createEncryptedHandler, type OfferSigner } from '@gatehouse/protocol';

const [, , port, mode] = process.argv;
const LIMIT = 100_000_000;
// As long as a certificate and its issuer.
const CHAIN_CHARACTERS = 1900;

const signer = mode === 'signed' ? createSigner() : undefined;
const endpoint = createEncryptedEndpoint({
  maxExchanges: LIMIT,
  maxExchangesPerAddress: LIMIT,
  maxTokens: LIMIT,
  signer: () => signer,
});
const handle = createEncryptedHandler(endpoint);
createServer((request, response) => void handle(request, response)).listen(Number(port), '127.0.0.1');

function createSigner(): OfferSigner {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    fingerprint: `sha256/${createHash('sha256').update(spki).digest('base64')}`,
    chain: `${'x'.repeat(CHAIN_CHARACTERS)}\n`,
    sign: (message) => sign('sha256', message, privateKey),
  };
}
