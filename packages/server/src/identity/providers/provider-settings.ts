// The settings of `identity.providers`: other OpenID providers through which people sign in.
import { z } from 'zod';
import { list, toggle } from '../../platform/settings/setting-types.ts';
import { roleList, roleNames } from '../names.ts';

/** It is compared with the issuer in answers, so it must have no password and only one spelling. */
function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || url.username || url.password) return false;
  return !text.includes('?') && !text.includes('#');
}

/** These names of Entra ID mean every tenant: any account at Microsoft could sign in. */
const TENANTLESS = /^https:\/\/login\.microsoftonline\.com\/(?:common|organizations|consumers)(?:\/|$)/i;

const path = (what: string) => z.string().min(1, `must be the path of ${what}`);
const claim = z.string().min(1).max(256);

const signUp = z
  .strictObject({
    roles: roleList
      .default([])
      .describe('Roles of each new account')
      .meta({ examples: [['user']] }),
    groups: z
      .record(z.string().min(1), roleNames)
      .default({})
      .describe('Roles for the members of groups of the provider, as `groupsClaim` names them')
      .meta({ examples: [{ engineering: ['user'], admins: ['admin'] }] }),
    groupsClaim: claim
      .default('groups')
      .describe('The claim with the groups')
      .meta({ examples: ['roles'] }),
    emailDomains: list()
      .pipe(z.array(z.string().regex(/^[a-z0-9.-]+$/i, 'must be the domain of an e-mail address')))
      .prefault([])
      .describe(
        'Only for people whose verified e-mail address is in one of these domains; none: for everyone',
      )
      .meta({ examples: [['example.com']] }),
    nameClaim: claim
      .default('preferred_username')
      .describe('The claim that becomes the name of the account')
      .meta({ examples: ['email'] }),
  })
  .refine(({ roles, groups }) => roles.length > 0 || Object.keys(groups).length > 0, {
    path: ['roles'],
    message: "must name roles, such as ['user'], because groups has none either",
  });

const provider = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'must have up to 32 of a-z, 0-9 and -')
      .describe('A short name. It is in URLs and in the ledger, so do not change it')
      .meta({ examples: ['keycloak'] }),
    title: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('The text of its button, after “Sign in with”; default: the name')
      .meta({ examples: ['Example Inc.'] }),
    issuer: z
      .string()
      .refine(isIssuer, 'must be an https URL without user, query and fragment')
      .refine(
        (issuer) => !TENANTLESS.test(issuer),
        'must name your tenant, such as https://login.microsoftonline.com/TENANT-ID/v2.0, because tokens have that issuer',
      )
      .describe('The URL of the provider, exactly as its tokens have it in `iss`')
      .meta({ examples: ['https://sso.example.com/realms/main'] }),
    clientId: z
      .string()
      .min(1)
      .max(512)
      .describe('The id that the provider gave to this Gatehouse')
      .meta({ examples: ['gatehouse'] }),
    clientSecretFile: path('a file')
      .optional()
      .describe('A file with the secret for that id. Gatehouse reads it for each sign-in')
      .meta({ examples: ['/etc/gatehouse/keycloak.secret'] }),
    clientSecretVariable: z
      .string()
      .regex(
        /^(?!GATEHOUSE_)[A-Za-z_][A-Za-z0-9_]*$/,
        'must be a variable that does not begin with GATEHOUSE_',
      )
      .optional()
      .describe('Instead of the file: a variable of the environment with the secret')
      .meta({ examples: ['KEYCLOAK_SECRET'] }),
    clientAuthentication: z
      .enum(['basic', 'post'])
      .default('basic')
      .describe('How the secret is sent: `client_secret_basic` or `client_secret_post`')
      .meta({ examples: ['post'] }),
    scopes: list()
      .pipe(z.array(z.string().regex(/^[!#-[\]-~]{1,128}$/, 'must be a list of scopes')))
      .prefault(['openid', 'profile', 'email'])
      .refine((scopes) => scopes.includes('openid'), 'must have openid')
      .describe('The scopes to ask for')
      .meta({ examples: [['openid', 'profile', 'groups']] }),
    requireClaims: z
      .record(claim, list().pipe(z.array(z.string().min(1)).min(1)))
      .default({})
      .describe('Claims that the ID token must have, each with one of these values')
      .meta({ examples: [{ hd: ['example.com'] }] }),
    responseMode: z
      .enum(['query', 'form_post'])
      .default('query')
      .describe('How the answer comes back; Apple sends e-mail addresses only with `form_post`')
      .meta({ examples: ['form_post'] }),
    ca: path('a PEM file')
      .optional()
      .describe("PEM of the roots to trust for the provider's certificate; default: those of the system")
      .meta({ examples: ['/etc/gatehouse/sso-root.pem'] }),
    promptAgain: z
      .enum(['login', 'select_account', 'consent'])
      .default('login')
      .describe('`prompt` if a person must sign in again; Google supports only the other two')
      .meta({ examples: ['select_account'] }),
    trustFactors: toggle()
      .describe("Whether the provider's `amr` and `acr` count for `require` of routes")
      .meta({ examples: [true] }),
    acrLevels: z
      .record(z.string().min(1), z.enum(['mfa', 'phishing-resistant']))
      .default({})
      .describe('With `trustFactors`: the meaning of other values of `acr` than `mfa` and `phr`')
      .meta({ examples: [{ gold: 'mfa' }] }),
    signOutThere: z
      .enum(['offer', 'always', 'never'])
      .default('offer')
      .describe('Whether the sign-out page offers a sign-out at the provider, too, or goes there at once')
      .meta({ examples: ['always'] }),
    signUp: signUp
      .optional()
      .describe('Creates accounts for new people; default: only an administrator adds people'),
  })
  .superRefine(({ clientSecretFile, clientSecretVariable, trustFactors, acrLevels }, context) => {
    const issue = (member: string, message: string) =>
      context.addIssue({ code: 'custom', path: [member], message });
    if (clientSecretFile !== undefined && clientSecretVariable !== undefined) {
      issue('clientSecretVariable', 'must be removed, because clientSecretFile has the secret');
    }
    if (!trustFactors && Object.keys(acrLevels).length > 0) {
      issue('acrLevels', 'must be removed, or trustFactors must be true');
    }
  });

/** The setting itself. */
export const providerList = z
  .array(provider)
  .max(16)
  .default([])
  .superRefine((providers, context) => {
    const names = providers.map(({ name }) => name);
    const at = names.findIndex((name, index) => names.indexOf(name) !== index);
    if (at < 0) return;
    const message = `must be unique: another provider is also called ${names[at]}`;
    context.addIssue({ code: 'custom', path: [at, 'name'], message });
  })
  .describe('Other OpenID providers through which people sign in')
  .meta({
    examples: [[{ name: 'keycloak', issuer: 'https://sso.example.com/realms/main', clientId: 'gatehouse' }]],
  });

export type ProviderSettings = z.output<typeof provider>;
export type SignUpSettings = z.output<typeof signUp>;
