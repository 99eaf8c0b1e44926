// The tree of commands. The folder of a command has its name: `gatehouse pki sign` is in
// `commands/pki/sign/`. There, `command.ts` or `commands.ts` has its options and help. The code beside it is
// loaded only when the command runs.
import { buildRouteMap } from '@stricli/core';
import { acme } from './commands/acme/commands.ts';
import { audit } from './commands/audit/commands.ts';
import { backup } from './commands/backup/command.ts';
import { ca } from './commands/ca/commands.ts';
import { cert } from './commands/cert/commands.ts';
import { channel } from './commands/channel/commands.ts';
import { client } from './commands/client/commands.ts';
import { completion } from './commands/completion/command.ts';
import { config } from './commands/config/commands.ts';
import { doctor } from './commands/doctor/command.ts';
import { fernet } from './commands/fernet/commands.ts';
import { group } from './commands/group/commands.ts';
import { hash, hmac } from './commands/hash/commands.ts';
import { inspect } from './commands/inspect/command.ts';
import { key } from './commands/key/commands.ts';
import { keyring } from './commands/keyring/commands.ts';
import { lab } from './commands/lab/commands.ts';
import { login } from './commands/login/command.ts';
import { logout } from './commands/logout/command.ts';
import { pki } from './commands/pki/commands.ts';
import { policy } from './commands/policy/commands.ts';
import { request } from './commands/request/command.ts';
import { restore } from './commands/restore/command.ts';
import { service } from './commands/service/commands.ts';
import { session } from './commands/session/commands.ts';
import { sign, verify } from './commands/sign/commands.ts';
import { status } from './commands/status/command.ts';
import { tls } from './commands/tls/commands.ts';
import { up } from './commands/up/command.ts';
import { user } from './commands/user/commands.ts';
import { xmlrpc } from './commands/xmlrpc/commands.ts';

export const commands = buildRouteMap({
  routes: {
    up,
    status,
    config,
    doctor,
    login,
    logout,
    user,
    group,
    service,
    session,
    key,
    client,
    policy,
    cert,
    ca,
    acme,
    audit,
    tls,
    keyring,
    backup,
    restore,
    pki,
    channel,
    request,
    inspect,
    hash,
    hmac,
    fernet,
    lab,
    sign,
    verify,
    xmlrpc,
    completion,
  },
  docs: { brief: 'An API gateway, a certificate authority and sign-in, in one program.' },
});
