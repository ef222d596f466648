import { cdkNag } from './cdk-nag.ts';
import { cfnGuard } from './cfn-guard.ts';
import { cfnLint } from './cfn-lint.ts';
import { cloudformationValidate } from './cloudformation-validate.ts';
import type { ToolCheck } from './template-files.ts';

/** What others have written to find faults in templates. */
export const tools: Readonly<Record<string, ToolCheck>> = {
  'cdk-nag': cdkNag,
  'cfn-guard': cfnGuard,
  'cfn-lint': cfnLint,
  'cloudformation-validate': cloudformationValidate,
};
