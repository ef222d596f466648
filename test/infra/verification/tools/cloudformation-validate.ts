import { App, CloudFormationValidatePlugin, type PolicyValidationPluginReport } from 'aws-cdk-lib';
import type { Finding } from '../finding.ts';
import { type TemplateFile, type ToolCheck, withTemplateFiles } from './template-files.ts';

/** One for all: its engine takes seconds to start, and stays as long as no new type of resource comes. */
const plugin = new CloudFormationValidatePlugin();

/** AWS's own validator of templates, as `cdk synth` has it, with warnings counted like errors. */
export const cloudformationValidate: ToolCheck = (clouds) =>
  withTemplateFiles(clouds, async (files) => {
    const report = plugin.validate({
      templatePaths: files.map(({ path }) => path),
      stackTemplates: files.map(({ path, stack }) => ({
        stackConstructPath: stack.name,
        templatePath: path,
        accountId: stack.account,
        region: stack.region,
      })),
      // Never read: this plugin looks at templates alone.
      appConstruct: new App(),
    });
    return findingsIn(report, files);
  });

/** The findings of a plugin of CDK, each with the file that it is about. */
export function findingsIn(
  { violations }: PolicyValidationPluginReport,
  files: readonly TemplateFile[],
): (Finding & { readonly file: TemplateFile })[] {
  return violations.flatMap(({ ruleName, description, violatingResources }) =>
    violatingResources.flatMap(({ templatePath, resourceLogicalId = '' }) => {
      const file = files.find(({ path }) => path === templatePath);
      return file
        ? [{ rule: ruleName, at: `${file.stack.name}/${resourceLogicalId}`, message: description, file }]
        : [];
    }),
  );
}
