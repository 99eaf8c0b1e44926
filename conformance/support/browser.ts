// Debian's Chromium, driven through playwright-core. It accepts the certificates of our servers by their
// keys, like a browser that trusts their root, because pages with certificate errors have no passkeys.
import { createHash, X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A program that opens browsers. */
export interface Browsers {
  open(options?: BrowserOptions): Promise<Browser>;
  close(): Promise<void>;
}

/** A browser without cookies. */
export interface Browser {
  context: BrowserContext;
  page: Page;
}

export interface BrowserOptions {
  javaScript?: boolean;
  dark?: boolean;
}

/** Browsers that accept the certificates of these ports of localhost. The caller closes them. */
export async function startBrowsers(ports: readonly number[]): Promise<Browsers> {
  const pins = await Promise.all(ports.map(keyPinOf));
  const program = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: [...FLAGS, `--ignore-certificate-errors-spki-list=${pins.join(',')}`],
  });
  return {
    async open({ javaScript = true, dark = false } = {}) {
      const context = await program.newContext({
        javaScriptEnabled: javaScript,
        colorScheme: dark ? 'dark' : 'light',
        viewport: { width: 900, height: 760 },
      });
      context.setDefaultTimeout(15_000);
      return { context, page: await context.newPage() };
    },
    close: () => program.close(),
  };
}

/** base64 of the SHA-256 of the public key at this port. */
function keyPinOf(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false };
    const socket = connect(options, () => {
      const { raw } = socket.getPeerX509Certificate() as X509Certificate;
      const spki = new X509Certificate(raw).publicKey.export({ type: 'spki', format: 'der' });
      socket.destroy();
      resolve(createHash('sha256').update(spki).digest('base64'));
    });
    socket.once('error', reject);
  });
}

/** An authenticator with passkeys whose owner always agrees (WebAuthn L3 §11). */
export async function addAuthenticator({ context, page }: Browser): Promise<{ cdp: CDPSession; id: string }> {
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId: id } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, id };
}
