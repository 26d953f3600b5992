/**
 * The providers of an External Secrets SecretStore. Vault, Kubernetes, AWS and the fake one are spelled out; the others
 * are known by name and by what they require, and their further settings are taken as they are.
 * Source: External Secrets Operator 2.9.0, config/crds/bases/external-secrets.io_secretstores.yaml.
 */
import {
  flag,
  int64,
  integer,
  list,
  mapOf,
  object,
  oneOf,
  open,
  required,
  rules,
  type Schema,
  text,
  textMap,
  texts,
} from "./schema";
import { dataKey, namespaceName, objectName } from "./secret-names";

const secretKey = object({ key: dataKey, name: objectName, namespace: namespaceName });
const serviceAccount = object(
  { audiences: texts, name: objectName, namespace: namespaceName },
  required("name"),
);
const caProvider = object(
  { key: dataKey, name: objectName, namespace: namespaceName, type: oneOf("Secret", "ConfigMap") },
  required("name", "type"),
);
const caBundle = text({ format: "byte" });
const oneField: Schema = { minProperties: 1, maxProperties: 1 };

const vaultAuth = object({
  appRole: object(
    { path: text({ default: "approle" }), roleId: text(), roleRef: secretKey, secretRef: secretKey },
    required("path", "secretRef"),
  ),
  cert: open(),
  gcp: open({ role: text() }, required("role")),
  iam: open({ vaultRole: text() }, required("vaultRole")),
  jwt: object(
    {
      kubernetesServiceAccountToken: object(
        { audiences: texts, expirationSeconds: int64, serviceAccountRef: serviceAccount },
        required("serviceAccountRef"),
      ),
      path: text({ default: "jwt" }),
      role: text(),
      secretRef: secretKey,
    },
    required("path"),
  ),
  kubernetes: object(
    {
      mountPath: text({ default: "kubernetes" }),
      role: text(),
      secretRef: secretKey,
      serviceAccountRef: serviceAccount,
    },
    required("mountPath", "role"),
  ),
  ldap: object(
    { path: text({ default: "ldap" }), secretRef: secretKey, username: text() },
    required("path", "username"),
  ),
  namespace: text(),
  tokenSecretRef: secretKey,
  userPass: object(
    { path: text({ default: "userpass" }), secretRef: secretKey, username: text() },
    required("path", "username"),
  ),
});

const vault = object(
  {
    auth: vaultAuth,
    caBundle,
    caProvider,
    checkAndSet: object({ required: flag() }),
    forwardInconsistent: flag(),
    headers: textMap,
    namespace: text(),
    path: text(),
    readYourWrites: flag(),
    server: text(),
    tls: object({ certSecretRef: secretKey, keySecretRef: secretKey }),
    version: { ...oneOf("v1", "v2"), default: "v2" },
  },
  required("server"),
);

const kubernetes = object({
  auth: object(
    {
      cert: object({ clientCert: secretKey, clientKey: secretKey }, required("clientCert", "clientKey")),
      serviceAccount,
      token: object({ bearerToken: secretKey }, required("bearerToken")),
    },
    oneField,
  ),
  authRef: secretKey,
  remoteNamespace: { ...namespaceName, default: "default" },
  server: object({ caBundle, caProvider, url: text({ default: "kubernetes.default" }) }),
});

const fake = object(
  {
    data: list(object({ key: text(), value: text(), version: text() }, required("key", "value"))),
    validationResult: integer(),
  },
  required("data"),
);

const awsKeys = object({
  accessKeyIDSecretRef: secretKey,
  secretAccessKeySecretRef: secretKey,
  sessionTokenSecretRef: secretKey,
});
const aws = object(
  {
    additionalRoles: texts,
    auth: object({ jwt: object({ serviceAccountRef: serviceAccount }), secretRef: awsKeys }),
    customSessionTags: mapOf(
      text(),
      rules([
        "customSessionTags cannot contain automatically injected reserved keys: esoNamespace, esoStoreName, esoStoreKind",
        "!('esoNamespace' in self) && !('esoStoreName' in self) && !('esoStoreKind' in self)",
      ]),
    ),
    externalID: text(),
    prefix: text(),
    region: text(),
    role: text(),
    secretsManager: object({ forceDeleteWithoutRecovery: flag(), recoveryWindowInDays: int64 }),
    service: oneOf("SecretsManager", "ParameterStore", "CertificateManager"),
    sessionTags: list(object({ key: text(), value: text() }, required("key", "value"))),
    sessionTagsPolicy: { ...oneOf("None", "Simple", "Custom"), default: "None" },
    transitiveTagKeys: texts,
  },
  required("region", "service"),
);

const onboardbase = open(
  {
    apiHost: text({ default: "https://public.onboardbase.com/api/v1/" }),
    environment: text({ default: "development" }),
    project: text({ default: "development" }),
  },
  required("apiHost", "auth", "environment", "project"),
);

/** What each provider requires that is not spelled out here. */
const otherProviders: Record<string, string[]> = {
  akeyless: ["akeylessGWApiURL", "authSecretRef"],
  azurekv: ["vaultUrl"],
  barbican: ["auth"],
  beyondtrust: ["auth", "server"],
  beyondtrustworkloadcredentials: ["auth", "server"],
  bitwardensecretsmanager: ["auth", "organizationID", "projectID"],
  chef: ["auth", "serverUrl", "username"],
  cloudrusm: ["auth"],
  conjur: ["auth", "url"],
  crd: ["resource"],
  delinea: ["clientId", "clientSecret", "tenant"],
  doppler: ["auth"],
  dvls: ["auth", "serverUrl"],
  fortanix: [],
  gcpsm: [],
  github: ["appID", "auth", "installationID", "organization"],
  gitlab: ["auth"],
  ibm: ["auth"],
  infisical: ["auth", "secretsScope"],
  keepersecurity: ["authRef", "folderID"],
  nebiusmysterybox: ["apiDomain", "auth"],
  ngrok: ["auth", "vault"],
  onepassword: ["auth", "connectHost", "vaults"],
  onepasswordSDK: ["auth"],
  openBao: ["server"],
  oracle: ["region", "vault"],
  ovh: ["auth", "okmsid", "server"],
  passbolt: ["auth", "host"],
  passworddepot: ["auth", "database", "host"],
  previder: ["auth"],
  pulumi: ["environment", "organization", "project"],
  scaleway: ["accessKey", "projectId", "region", "secretKey"],
  secretserver: ["serverURL"],
  senhasegura: ["auth", "module", "url"],
  volcengine: ["region"],
  webhook: ["url"],
  yandexcertificatemanager: ["auth"],
  yandexlockbox: ["auth"],
};

export const provider = object(
  {
    vault,
    kubernetes,
    fake,
    aws,
    onboardbase,
    ...Object.fromEntries(
      Object.entries(otherProviders).map(([name, fields]) => [
        name,
        open({}, fields.length > 0 ? required(...fields) : {}),
      ]),
    ),
  },
  oneField,
);
