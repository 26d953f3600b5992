/** What holds where a team or an agent says nothing. */
export const DEFAULT_QUOTA = {
  pods: "20",
  "requests.cpu": "8",
  "requests.memory": "16Gi",
  "limits.cpu": "32",
  "limits.memory": "32Gi",
  services: "20",
  "services.loadbalancers": "0",
  "services.nodeports": "0",
  persistentvolumeclaims: "0",
};
export const DEFAULT_LIMITS = {
  default: { cpu: "500m", memory: "512Mi" },
  defaultRequest: { cpu: "50m", memory: "128Mi" },
};
export const DEFAULT_RESOURCES = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "1", memory: "1Gi" },
};
