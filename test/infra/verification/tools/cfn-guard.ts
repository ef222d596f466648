import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import { App } from 'aws-cdk-lib';
import { findingsIn } from './cloudformation-validate.ts';
import { type ToolCheck, withTemplateFiles } from './template-files.ts';

/** AWS Control Tower's proactive controls, which cfn-guard evaluates. */
export const cfnGuard: ToolCheck = (clouds) =>
  withTemplateFiles(clouds, async (files) => {
    const validator = new CfnGuardValidator({ maxBuffer: 2 ** 28 });
    const report = validator.validate({
      templatePaths: files.map(({ path }) => path),
      // Never read: guard looks at templates alone.
      appConstruct: new App(),
    });
    return findingsIn(report, files);
  });
