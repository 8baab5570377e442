# METADATA
# title: Models in service
# description: What manifests say about served models beside how they run.
package promotion.lib.serving

import data.promotion.lib.workloads

# METADATA
# description: Whether a model's annotation is there.
noted(model, name) if model.content.metadata.annotations[concat("/", ["hallgate", name])]

# METADATA
# description: An annotation that holds a whole number; Kubernetes keeps all of them as text.
number(model, name) := to_number(text) if {
	text := model.content.metadata.annotations[concat("/", ["hallgate", name])]
	is_string(text)
	regex.match(`^(0|[1-9][0-9]{0,5})$`, text)
}

# METADATA
# description: The words of an annotation with a list.
words(model, name) := {trim_space(word) |
	text := model.content.metadata.annotations[concat("/", ["hallgate", name])]
	is_string(text)
	some word in split(text, ",")
}

# METADATA
# description: Namespaces in which something limits requests.
limited(documents) := {workloads.namespace(policy) | some policy in documents; _limits(policy)}

_limits(policy) if {
	policy.kind == "gateway.envoyproxy.io/BackendTrafficPolicy"
	is_object(policy.content.spec.rateLimit)
	some rule in policy.content.spec.rateLimit[_].rules
	rule.limit.requests > 0
	is_number(rule.limit.requests)
}

_limits(policy) if {
	policy.kind == "networking.istio.io/EnvoyFilter"
	walk(policy.content.spec, [_, text])
	is_string(text)
	regex.match(`^envoy\.filters\.http\.(local_ratelimit|ratelimit)$`, text)
}

_limits(policy) if {
	policy.kind == "networking.k8s.io/Ingress"
	some name in ["nginx.ingress.kubernetes.io/limit-rps", "nginx.ingress.kubernetes.io/limit-rpm"]
	text := policy.content.metadata.annotations[name]
	is_string(text)
	regex.match(`^[1-9][0-9]{0,8}$`, text)
}

# METADATA
# description: The loggers of a model, one for each of its parts that has one.
loggers(model) := [logger |
	some part in ["predictor", "transformer", "explainer"]
	logger := model.content.spec[part].logger
]
