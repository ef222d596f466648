import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { type ToolCheck, withTemplateFiles } from './template-files.ts';

/** cdk-nag's packs for any solution and for serverless ones. It reads constructs, so templates are made into some. */
export const cdkNag: ToolCheck = (clouds) =>
  withTemplateFiles(clouds, async (files) =>
    files.flatMap((file) => {
      const { path, stack } = file;
      const app = new App();
      const scope = new Stack(app, 'Nag', { env: { account: stack.account, region: stack.region } });
      const template = new CfnInclude(scope, 'Template', { templateFile: path });
      return [new AwsSolutionsChecks(app), new ServerlessChecks(app)]
        .flatMap((pack) => pack.validateScope(template).violations)
        .flatMap(({ ruleName, description, violatingResources }) =>
          violatingResources.map(({ constructPath = '', resourceLogicalId = '' }) => ({
            rule: ruleName,
            at: `${stack.name}/${resourceLogicalId || constructPath.replace(/^.*\//, '')}`,
            message: description,
            file,
          })),
        );
    }),
  );
