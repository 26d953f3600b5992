/** Models: names, and what each provider's block must hold. */
import { MODEL_PROVIDERS } from "./kagent";
import { asMap, type Loose } from "./loose";
import type { Problem } from "./problems";
import { showPath } from "./shape";

/** The CRD or admission would refuse such a ModelConfig (kagent 0.10), in the middle of a deployment. */
export function modelParameterProblems(models: Loose): Problem[] {
  return Object.entries(models).flatMap(([name, settings]) => {
    const { provider, parameters } = asMap(settings);
    const known = MODEL_PROVIDERS[provider as keyof typeof MODEL_PROVIDERS];
    const problems = (known?.required ?? [])
      .filter((key) => asMap(parameters)[key] === undefined)
      .map((key) => ({
        where: showPath(["models", name, "parameters", key]),
        what: `is missing; ${String(provider)} needs it.`,
        fix: `Add it as in the block ${known.block} of a kagent ModelConfig.`,
      }));
    if (provider === "Foundry" && asMap(parameters).endpointFrom !== undefined)
      problems.push({
        where: showPath(["models", name, "parameters", "endpointFrom"]),
        what: "takes the endpoint from an object that nobody reviews, and admission refuses it in a tenant.",
        fix: "Remove it, and write endpoint.",
      });
    return problems;
  });
}
