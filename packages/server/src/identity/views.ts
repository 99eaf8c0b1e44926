// The form of users, groups, API keys, services and sign-ins in the APIs.
import { z } from 'zod';
import { timestamp, toTimestamp, warnings } from '../platform/http/schemas.ts';
import type { FactorStatus } from './factors/factors.ts';
import type { GroupWithMembers } from './groups/groups.ts';
import { keySchema, timeOrNull } from './keys/key-views.ts';
import type { Passkey } from './passkeys/passkeys.ts';
import type { ProviderLink } from './providers/links.ts';
import type { Tokens } from './sign-in/sign-ins.ts';
import type { Group, Service, UserInGroups } from './store/store.ts';
import { attributesSchema, plainAttributes } from './users/attributes.ts';

export const userSchema = z
  .object({
    name: z.string(),
    roles: z.array(z.string()),
    groups: z.array(z.string()),
    effectiveRoles: z.array(z.string()).describe('The roles of the user and of the groups of the user'),
    attributes: attributesSchema,
    disabled: z.boolean().describe('Whether the user is disabled and may not sign in'),
    createdAt: timestamp,
  })
  .meta({ id: 'User' });

/** A user, without the password. */
export type UserView = z.output<typeof userSchema>;

export function userView(user: UserInGroups): UserView {
  const { name, roles, groups, effectiveRoles, attributes, disabled, createdAt } = user;
  return {
    name,
    roles,
    groups,
    effectiveRoles,
    attributes: plainAttributes(attributes),
    disabled,
    createdAt: toTimestamp(createdAt),
  };
}

export const userDetailsSchema = userSchema
  .extend({
    totpSince: timestamp.nullable().describe('When TOTP was switched on; null: it is off'),
    recoveryCodesLeft: z.int(),
    passkeys: z.array(
      z.object({
        id: z.string(),
        name: z.string().describe('The name that its owner gave it'),
        createdAt: timestamp,
        lastUsedAt: timestamp.nullable().describe('The last sign-in with it; null: there was none'),
      }),
    ),
    providers: z
      .array(
        z.object({
          provider: z.string(),
          issuer: z.string(),
          subject: z.string().describe('The subject of the user at the provider'),
          label: z.string().nullable().describe('The name of the person at the provider'),
          linkedAt: timestamp,
          lastUsedAt: timestamp.nullable().describe('The last sign-in through it; null: there was none'),
        }),
      )
      .describe('Links with sign-in providers'),
  })
  .meta({ id: 'UserDetails' });

/** A user with their second factors and links. */
export type UserDetailsView = z.output<typeof userDetailsSchema>;

export function userDetailsView(
  user: UserInGroups,
  about: { factors: FactorStatus; passkeys: readonly Passkey[]; links: readonly ProviderLink[] },
): UserDetailsView {
  const { totpSince, recoveryCodesLeft } = about.factors;
  const passkeys = about.passkeys.map(({ id, name, createdAt, lastUsedAt }) => ({
    id,
    name,
    createdAt: toTimestamp(createdAt),
    lastUsedAt: timeOrNull(lastUsedAt),
  }));
  const providers = about.links.map(({ provider, issuer, subject, label, createdAt, lastUsedAt }) => ({
    provider,
    issuer,
    subject,
    label,
    linkedAt: toTimestamp(createdAt),
    lastUsedAt: timeOrNull(lastUsedAt),
  }));
  return { ...userView(user), totpSince: timeOrNull(totpSince), recoveryCodesLeft, passkeys, providers };
}

export const groupSchema = z
  .object({
    name: z.string(),
    roles: z.array(z.string()),
    disabled: z.boolean().describe('Whether the group is disabled: its members then do not have its roles'),
    createdAt: timestamp,
  })
  .meta({ id: 'Group' });

/** A group. */
export type GroupView = z.output<typeof groupSchema>;

export function groupView({ name, roles, disabled, createdAt }: Group): GroupView {
  return { name, roles, disabled, createdAt: toTimestamp(createdAt) };
}

export const groupWithMembersSchema = groupSchema
  .extend({ members: z.array(z.string()).describe('Names of users') })
  .meta({ id: 'GroupWithMembers' });

/** A group with its members. */
export type GroupWithMembersView = z.output<typeof groupWithMembersSchema>;

export const changedGroupSchema = groupWithMembersSchema.extend({ warnings }).meta({ id: 'ChangedGroup' });

/** A group that was created or changed. */
export type ChangedGroupView = z.output<typeof changedGroupSchema>;

export function groupWithMembersView(group: GroupWithMembers): GroupWithMembersView {
  return { ...groupView(group), members: group.members };
}

export const changedUserSchema = userSchema.extend({ warnings }).meta({ id: 'ChangedUser' });

/** A user who was added or got other roles. */
export type ChangedUserView = z.output<typeof changedUserSchema>;

export const digestPasswordSchema = z
  .object({ name: z.string(), password: z.string().describe('Only this answer has it') })
  .meta({ id: 'DigestPassword' });

/** A new password for the way in digest. */
export type DigestPasswordView = z.output<typeof digestPasswordSchema>;

export const serviceSchema = z
  .object({
    name: z.string(),
    roles: z.array(z.string()),
    attributes: attributesSchema,
    disabled: z.boolean().describe('Whether its keys, certificates and OAuth clients are refused'),
    createdAt: timestamp,
  })
  .meta({ id: 'Service' });

/** A service. */
export type ServiceView = z.output<typeof serviceSchema>;

export const createdServiceSchema = serviceSchema.extend({ warnings }).meta({ id: 'CreatedService' });

/** A service that was registered. */
export type CreatedServiceView = z.output<typeof createdServiceSchema>;

export const changedServiceSchema = serviceSchema.extend({ warnings }).meta({ id: 'ChangedService' });

/** A service whose attributes were changed. */
export type ChangedServiceView = z.output<typeof changedServiceSchema>;

export function serviceView({ name, roles, attributes, disabled, createdAt }: Service): ServiceView {
  return {
    name,
    roles,
    attributes: plainAttributes(attributes),
    disabled,
    createdAt: toTimestamp(createdAt),
  };
}

export const serviceWithKeysSchema = serviceSchema
  .extend({ keys: z.array(keySchema).describe('The keys that are not revoked') })
  .meta({ id: 'ServiceWithKeys' });

/** A service with its API keys. */
export type ServiceWithKeysView = z.output<typeof serviceWithKeysSchema>;

/** The answer to a sign-in (RFC 6749 §5.1). */
export const signedInSchema = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().describe('Seconds'),
    refresh_token: z.string().describe('For POST /auth/refresh, once'),
    refresh_expires_in: z.int().describe('Seconds, if it is not used'),
  })
  .meta({ id: 'SignedIn' });

/** The result of a sign-in. */
export type SignedIn = z.output<typeof signedInSchema>;

export function signedInView(tokens: Tokens): SignedIn {
  return {
    access_token: tokens.token,
    token_type: 'Bearer',
    expires_in: tokens.expiresInSeconds,
    refresh_token: tokens.refreshToken,
    refresh_expires_in: tokens.refreshExpiresInSeconds,
  };
}

/**
 * The answer to a right password of a user with a second factor: the members of a problem (RFC 9457), and
 * others.
 */
export const factorRequiredSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.literal(401),
    detail: z.string(),
    code: z.literal('mfa_required'),
    request_id: z.string(),
    error: z.literal('mfa_required'),
    mfa_token: z.string().describe('For POST /auth/mfa, for a few minutes'),
    methods: z.array(z.enum(['totp', 'recovery'])).describe('The second factors that the user can send'),
  })
  .meta({ id: 'FactorRequired' });

/** The demand for a second factor. */
export type FactorRequiredView = z.output<typeof factorRequiredSchema>;

export const totpKeySchema = z
  .object({
    secret: z.string().describe('Base32, to type into an authenticator app'),
    uri: z.string().describe('otpauth://totp/…, for a QR code'),
  })
  .meta({ id: 'TotpKey' });

/** The secret for an authenticator app. */
export type TotpKeyView = z.output<typeof totpKeySchema>;

export const recoveryCodesSchema = z
  .object({ recovery_codes: z.array(z.string()).describe('Each works once. Only this answer has them') })
  .meta({ id: 'RecoveryCodes' });

/** New recovery codes. */
export type RecoveryCodesView = z.output<typeof recoveryCodesSchema>;

export const enrolledTotpSchema = totpKeySchema
  .extend({ name: z.string(), ...recoveryCodesSchema.shape })
  .meta({ id: 'EnrolledTotp' });

/** TOTP that an administrator switched on for a user. */
export type EnrolledTotpView = z.output<typeof enrolledTotpSchema>;

export const passwordResetSchema = z
  .object({
    name: z.string(),
    url: z.string().describe('The link for the user. It is secret, and works once'),
    expiresAt: timestamp,
  })
  .meta({ id: 'PasswordReset' });

/** A link to choose a new password. */
export type PasswordResetView = z.output<typeof passwordResetSchema>;
