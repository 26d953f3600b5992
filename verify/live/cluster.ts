/** What checks ask of the cluster: whole lists once, what it would admit, and who may do what. */

import { CannotRun } from "../errors";
import { type Doc, type Labels, selects } from "../static/objects";
import { type Answer, type Api, type Ask, DRY_RUN, type Method } from "./api";

/** The verifier itself may not do this. */
export class MissingRight extends Error {
  override readonly name = "MissingRight";
  constructor(
    /** `list networkpolicies.networking.k8s.io`. */
    readonly right: string,
  ) {
    super(`this user may not ${right}`);
  }
}

export interface Subject {
  readonly user: string;
  readonly groups?: readonly string[];
}
export interface Action {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

interface Served {
  readonly plural: string;
  readonly isNamespaced: boolean;
}

/** The API server pages long lists; it may take this many objects at once. */
const PAGE = 500;
const FORBIDDEN = 403;
const NOT_FOUND = 404;
const TRY_AGAIN = "Is this the API server of a cluster? Try again when it is well.";

const pathOf = (apiVersion: string): string =>
  apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

export class Cluster {
  readonly #served = new Map<string, Promise<ReadonlyMap<string, Served>>>();
  readonly #lists = new Map<string, Promise<readonly Doc[] | undefined>>();

  constructor(readonly api: Api) {}

  /**
   * All objects of a kind; undefined when the cluster does not serve it. Asked for once.
   * @throws MissingRight
   */
  list(apiVersion: string, kind: string): Promise<readonly Doc[] | undefined> {
    const key = `${apiVersion} ${kind}`;
    const known = this.#lists.get(key) ?? this.#list(apiVersion, kind);
    this.#lists.set(key, known);
    return known;
  }

  /**
   * The same of a group, whichever of its versions has the kind: which ones there are depends on what is installed.
   * @throws MissingRight
   */
  async listOfGroup(group: string, kind: string): Promise<readonly Doc[] | undefined> {
    const { code, body, message } = await this.api.request("GET", `/apis/${group}`);
    if (code >= 300 && code !== NOT_FOUND)
      throw new CannotRun(`The API server does not say what it serves (${code}): ${message}`, TRY_AGAIN);
    const versions: Doc[] = [body.preferredVersion, ...(body.versions ?? [])];
    for (const version of versions.filter((one) => one !== undefined)) {
      const items = await this.list(version.groupVersion, kind);
      if (items !== undefined) return items;
    }
    return undefined;
  }

  async #list(apiVersion: string, kind: string): Promise<readonly Doc[] | undefined> {
    const served = await this.#mapping(apiVersion, kind);
    if (served === undefined) return undefined;
    const items: Doc[] = [];
    let next = "";
    do {
      const query = { limit: String(PAGE), ...(next !== "" && { continue: next }) };
      const answer = await this.api.request("GET", `${pathOf(apiVersion)}/${served.plural}`, { query });
      if (answer.code === NOT_FOUND) return undefined;
      this.#demand(answer, "list", apiVersion, served);
      // Items of a list do not say what they are.
      for (const item of answer.body.items ?? []) items.push({ apiVersion, kind, ...item });
      next = answer.body.metadata?.continue ?? "";
    } while (next !== "");
    return items;
  }

  /** Pods of a namespace that run and have these labels. @throws MissingRight */
  async running(namespace: string, labels: Labels): Promise<readonly Doc[]> {
    return ((await this.list("v1", "Pod")) ?? []).filter(
      ({ metadata, status }) =>
        metadata.namespace === namespace &&
        status?.phase === "Running" &&
        selects({ matchLabels: labels }, metadata.labels ?? {}),
    );
  }

  #demand({ code, message }: Answer, verb: string, apiVersion: string, { plural }: Served): void {
    if (code === FORBIDDEN) throw new MissingRight(`${verb} ${plural}${groupSuffix(apiVersion)}`);
    if (code >= 300)
      throw new CannotRun(`The API server answers ${code} to ${verb} ${plural}: ${message}`, TRY_AGAIN);
  }

  /** What the API server would say to a new object. Nothing is kept. */
  wouldCreate(object: Doc): Promise<Answer> {
    return this.#send("POST", object, { query: DRY_RUN, body: object });
  }

  /** The object as the API server would store it in the place of the one that is there. Nothing is kept. */
  wouldReplace(object: Doc): Promise<Answer> {
    return this.#send("PUT", object, { query: DRY_RUN, body: object });
  }

  create(object: Doc): Promise<Answer> {
    return this.#send("POST", object, { body: object });
  }

  get(object: Doc): Promise<Answer> {
    return this.#send("GET", object, {});
  }

  delete(object: Doc): Promise<Answer> {
    return this.#send("DELETE", object, {});
  }

  async #send(method: Method, object: Doc, ask: Ask): Promise<Answer> {
    const { apiVersion, kind, metadata } = object;
    const served = await this.#mapping(apiVersion, kind);
    if (served === undefined)
      return {
        code: NOT_FOUND,
        body: {},
        text: "",
        message: `the cluster serves no ${kind} of ${apiVersion}`,
      };
    const place = served.isNamespaced ? `/namespaces/${metadata.namespace}` : "";
    const name = method === "POST" ? "" : `/${metadata.name}`;
    return this.api.request(method, `${pathOf(apiVersion)}${place}/${served.plural}${name}`, ask);
  }

  /** Whether a subject may do something (SubjectAccessReview). @throws MissingRight */
  async may({ user, groups = [] }: Subject, action: Action): Promise<boolean> {
    const { verb, group = "", resource, subresource, namespace, name } = action;
    const answer = await this.api.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: {
          user,
          groups: ["system:authenticated", ...groups],
          resourceAttributes: { verb, group, resource, subresource, namespace, name },
        },
      },
    });
    if (answer.code === FORBIDDEN) throw new MissingRight("create subjectaccessreviews.authorization.k8s.io");
    if (answer.code >= 300)
      throw new CannotRun(
        `The API server answers ${answer.code} to a SubjectAccessReview: ${answer.message}`,
        TRY_AGAIN,
      );
    return answer.body.status?.allowed === true;
  }

  /** The API server's own metrics, as text; undefined where this user may not read them. */
  async metrics(): Promise<string | undefined> {
    const { code, text } = await this.api.request("GET", "/metrics", { isText: true });
    return code < 300 ? text : undefined;
  }

  /** Every kind of object in a namespace that the API server takes new ones of. */
  async creatable(): Promise<readonly Pick<Action, "group" | "resource">[]> {
    const { body } = await this.api.request("GET", "/apis");
    const groups: Doc[] = body.groups ?? [];
    const versions: string[] = ["v1", ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
    const lists = await Promise.all(
      versions.map(async (apiVersion) => {
        // An aggregated API that does not answer takes no objects either.
        const answer = await this.api.request("GET", pathOf(apiVersion)).catch((error: unknown) => {
          if (error instanceof CannotRun && apiVersion !== "v1") return undefined;
          throw error;
        });
        const resources: Doc[] = answer?.body.resources ?? [];
        const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
        return resources
          .filter(
            ({ name, namespaced, verbs = [] }) =>
              namespaced === true && !name.includes("/") && verbs.includes("create"),
          )
          .map(({ name }) => ({ group, resource: String(name) }));
      }),
    );
    return lists.flat();
  }

  async #mapping(apiVersion: string, kind: string): Promise<Served | undefined> {
    const known = this.#served.get(apiVersion) ?? this.#discover(apiVersion);
    this.#served.set(apiVersion, known);
    return (await known).get(kind);
  }

  async #discover(apiVersion: string): Promise<ReadonlyMap<string, Served>> {
    const { code, body, message } = await this.api.request("GET", pathOf(apiVersion));
    if (code >= 300 && code !== NOT_FOUND)
      throw new CannotRun(`The API server does not say what it serves (${code}): ${message}`, TRY_AGAIN);
    const resources: Doc[] = body.resources ?? [];
    return new Map(
      resources
        .filter(({ name }) => !name.includes("/"))
        .map(({ name, kind, namespaced }) => [kind, { plural: name, isNamespaced: namespaced }]),
    );
  }
}

const groupSuffix = (apiVersion: string): string =>
  apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
