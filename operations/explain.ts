/** What an error of the engine or of helm means here, and what to do; their own words stay in front of it. */

interface Explanation {
  readonly when: RegExp;
  readonly advice: string;
}

const EXPLANATIONS: readonly Explanation[] = [
  {
    // helm: an earlier run was killed between "pending" and "deployed".
    when: /another operation \(install\/upgrade\/rollback\) is in progress|cannot re-use a name that is still in use/,
    advice:
      'An earlier run was cut off in the middle of this release. docs/operations.md, "When a run was cut off", says how to free it.',
  },
  {
    // @pulumi/kubernetes 4.34 fetches each chart while it checks the inputs, in a preview too.
    when: /check the chart name and repository configuration|failed to (download|fetch|pull)|not a valid chart repository|chart .*not found|invalid_reference/,
    advice:
      "The chart cannot be fetched: check version and repository of its system below kagent-a2a:platform (kagent-a2a:kagent.version for kagent), and that this machine reaches the repository. `npm run versions` says what there is.",
  },
  {
    when: /because it is protected/,
    advice: "Users' data would go with it. To delete it all the same, run that command, and destroy again.",
  },
];

export function explained(message: string): string {
  const advice = EXPLANATIONS.filter(({ when }) => when.test(message)).map((one) => one.advice);
  return [message, ...advice].join("\n      ");
}
