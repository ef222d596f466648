import type { Check } from '../finding.ts';
import { forbiddenPermissions } from './forbidden.ts';
import {
  excessPermissions,
  missingPermissions,
  unknownActions,
  unknownUsers,
  unusedPermissions,
} from './permissions.ts';
import { lockedOut, openRoles, openToEavesdroppers, openToStrangers } from './strangers.ts';

/** What IAM would decide, by the sentences that its decisions hold us to. */
export const iamChecks: Readonly<Record<string, Check>> = {
  'what is called is allowed': missingPermissions,
  'what is allowed is called': unusedPermissions,
  'nothing else is allowed': excessPermissions,
  'what no role may do': forbiddenPermissions,
  'actions exist': unknownActions,
  'every role has a known user': unknownUsers,
  'a role is for the service that uses it': openRoles,
  'strangers get nothing': openToStrangers,
  'plain HTTP and old TLS are refused': openToEavesdroppers,
  'the account can administer its keys': lockedOut,
};
