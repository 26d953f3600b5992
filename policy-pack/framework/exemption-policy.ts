/** Name of the policy whose configuration holds the exemptions: `{"exemptions": {"exemptions": [...]}}`. */
export const EXEMPTIONS_POLICY = "exemptions";
