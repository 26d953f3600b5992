/** Users on their way to kagent: through a pod that brings them in, to the controller or to the UI, which passes requests on. */
import { kagent } from "../../topology/index";
import type { World } from "./calls";
import { kagentPod, podEnd, principalOf } from "./calls";
import { authorize, type Token } from "./istio";
import type { Pod } from "./kagent";
import { connects } from "./network";

/** What somebody sends who tries to be a user. */
export interface UserRequest {
  readonly path?: string;
  /** In a header, or in the query. */
  readonly token?: Token | undefined;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

function reaches(world: World, from: Pod, component: "controller" | "ui", request: UserRequest): boolean {
  const to = kagentPod(component);
  const port = component === "ui" ? kagent.UI_PORT : kagent.CONTROLLER_PORT;
  return (
    connects(world.objects, { from: podEnd(from), to: podEnd(to), port }) &&
    authorize(world.objects, { ...request, to, port, principal: principalOf(world, from) }) === "allowed"
  );
}

/** Whether the request arrives at the controller, straight or through the UI, which changes nothing in it. */
export const arrives = (world: World, from: Pod, request: UserRequest): boolean =>
  reaches(world, from, "controller", request) ||
  (reaches(world, from, "ui", request) && reaches(world, kagentPod("ui"), "controller", request));

export const arrivesAtUi = (world: World, from: Pod, request: UserRequest): boolean =>
  reaches(world, from, "ui", request);

/**
 * Who the controller takes a request to be from, as `trusted-proxy` (proxy authenticator of kagent 0.10): it wants a bearer token,
 * whoever signed it, and takes its subject; but of who says to be an agent, X-User-Id. Undefined: it refuses the request.
 */
export function userOf({ token, headers = {} }: UserRequest): string | undefined {
  if (token?.header !== "authorization" || !(token.before ?? "Bearer ").startsWith("Bearer "))
    return undefined;
  return headers[kagent.AGENT_NAME_HEADER] ? headers["x-user-id"] || token.subject : token.subject;
}
