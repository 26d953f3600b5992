/** The pack that the engine loads: `pulumi preview --policy-pack policy-pack`. */
import { PolicyPack } from "@pulumi/policy";
import { CrossGuardPack } from "./framework/crossguard";
import { unpackOnce } from "./framework/unpack-once";
import { RULES } from "./rules/index";

unpackOnce();
new PolicyPack("kagent-a2a-policies", {
  enforcementLevel: "mandatory",
  description: "Refuses deployments that contradict the governance of agent-to-agent delegation.",
  policies: new CrossGuardPack(RULES).policies(),
});
