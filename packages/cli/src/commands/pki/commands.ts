// `gatehouse pki …`: tools for keys and certificates in files, which need no server. Each command's options
// are in its folder.
import { buildRouteMap } from '@stricli/core';
import { bundle } from './bundle/command.ts';
import { ca } from './ca/command.ts';
import { crl } from './crl/command.ts';
import { csr } from './csr/command.ts';
import { key } from './key/command.ts';
import { p12 } from './p12/commands.ts';
import { show } from './show/command.ts';
import { sign } from './sign/command.ts';
import { verify } from './verify/command.ts';

export const pki = buildRouteMap({
  routes: { key, ca, csr, sign, verify, bundle, show, crl, p12 },
  docs: { brief: 'Offline PKI tools: keys and certificates in files' },
});
