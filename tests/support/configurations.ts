/** Parts of a production configuration, to be merged into others. */
import type { Edit } from "./dev";

export const VAULT = {
  address: "https://vault.example.com:8200",
  auth: { role: "kagent-a2a-{tenant}", audience: "https://vault.example.com/{tenant}" },
};

export const withVault: Edit = (configuration) => {
  configuration.secrets = "vault";
  configuration.vault = structuredClone(VAULT);
};

/** One edit after the other. */
export const all =
  (...edits: readonly Edit[]): Edit =>
  (configuration) => {
    for (const edit of edits) edit(configuration);
  };
