import { dig, listAt } from '../dig.ts';
import { isStateful } from '../service-spec.ts';
import { each, type Invariant } from './invariant.ts';

/** A queue holds only what is under way: its messages come from storage or the records, and can come again. */
export const holdsData = (type: string) => isStateful(type) && type !== 'AWS::SQS::Queue';

/** That nothing which holds data can be lost by a deployment, a mistake or a region. */
export const dataInvariants: Readonly<Record<string, Invariant>> = {
  'what holds data outlives its stack': each(holdsData, (_, { resource }) =>
    resource.DeletionPolicy === 'Retain' && resource.UpdateReplacePolicy === 'Retain'
      ? undefined
      : `is ${resource.DeletionPolicy ?? 'Delete'} when deleted, ${resource.UpdateReplacePolicy ?? 'Delete'} when replaced`,
  ),

  'a stack that holds data cannot be deleted by mistake': ({ stage, stacks }) =>
    stacks
      .filter(({ template }) =>
        Object.values(template.Resources).some(
          ({ Type }) => holdsData(Type) && Type !== 'AWS::Logs::LogGroup',
        ),
      )
      .filter(({ terminationProtection }) => stage !== 'dev' && !terminationProtection)
      .map(({ name }) => ({ at: name, message: 'has no termination protection' })),

  'tables can be brought back to any second': each(
    ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'],
    (properties) => {
      const copies = listAt(properties, 'Replicas');
      const without = (copies.length > 0 ? copies : [properties]).filter(
        (copy) => dig(copy, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') !== true,
      );
      return without.length > 0 ? 'has no point-in-time recovery' : undefined;
    },
  ),

  'tables are protected from deletion': each(
    ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'],
    (properties) => {
      const copies = listAt(properties, 'Replicas');
      return (copies.length > 0 ? copies : [properties]).every(
        (copy) => dig(copy, 'DeletionProtectionEnabled') === true,
      )
        ? undefined
        : 'has no deletion protection';
    },
  ),

  'keys rotate': each(['AWS::KMS::Key'], ({ EnableKeyRotation, KeySpec = 'SYMMETRIC_DEFAULT' }) =>
    KeySpec === 'SYMMETRIC_DEFAULT' && EnableKeyRotation !== true ? 'does not rotate' : undefined,
  ),
};
