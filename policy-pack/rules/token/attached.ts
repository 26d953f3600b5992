import { tokenSecretName } from "../../../topology/names";
import { audience, TOKEN_HEADER } from "../../../topology/token";
import { rule } from "../../framework/rule";
import { delegations } from "../../reading/agents";
import { writersOf } from "../../reading/secrets";

export const attached = rule({
  name: "token-attached",
  layer: "token",
  severity: "high",
  description: "Each delegation sends its own token to its own callee, from the caller's token Secret.",
  why: "A token sent to another callee is one that this callee can replay; a Secret that nothing writes leaves the Agent unreconciled for good.",
  remediation: [
    "Write on the tool:",
    "  headersFrom: [{name: X-Agent-Token, valueFrom: {type: Secret, name: orchestrator-a2a-tokens, key: team-beta.specialist}}]",
  ],
  subjects: delegations,
  *check({ caller, callee, tool }, stack) {
    const secret = tokenSecretName(caller.name);
    const headers = tool.at("headersFrom").items();
    const tokens = headers.filter(
      (header) => header.at("name").text()?.toLowerCase() === TOKEN_HEADER.toLowerCase(),
    );
    if (tokens.length !== 1) yield tool.at("headersFrom").finding(`must send ${TOKEN_HEADER} once.`);
    for (const header of headers) {
      const from = header.at("valueFrom");
      if (from.at("type").text() !== "Secret") continue;
      const named = from.at("name").text();
      if (named !== secret) {
        if (tokens.includes(header)) yield from.at("name").finding(`must be ${secret}.`);
        else if (named?.endsWith(tokenSecretName("")) === true)
          yield from.at("name").finding("sends another token. Remove it.");
      } else if (from.at("key").text() !== audience(callee))
        yield from.at("key").finding(`must be ${audience(callee)}.`);
    }
    if (writersOf(stack, `${caller.tenant}/${secret}`).length === 0)
      yield tool
        .at("headersFrom")
        .finding(`nothing in this stack writes Secret ${caller.tenant}/${secret}. Declare it.`);
  },
});
