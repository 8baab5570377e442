# METADATA
# scope: package
# title: What runs and what builds is named by digest
# description: >-
#   A tag, a branch or a folder holds something else tomorrow, without anybody having
#   changed this repository. Images are named by their SHA-256 digest, models in storage
#   by a digest or commit in their address, actions and reusable workflows by a commit.
#   An image that a serving runtime supplies is judged where the runtime stands.
# custom:
#   id: SUP-004
#   severity: high
#   evidence: [ci_workflows, deployment_manifests]
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:si-7", "nist-800-53:cm-2"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Write image@sha256:…, oci://…@sha256:… or hf://org/model:<commit> for models, and
#     owner/action@<40 hexadecimal digits>; a bot can keep the digests up to date.
package promotion.rules.supply_chain.references_pinned

import data.promotion.lib.documents
import data.promotion.lib.references
import data.promotion.lib.workflows
import data.promotion.lib.workloads

_manifests := documents.all(input.evidence.deployment_manifests)

_workflows := documents.all(input.evidence.ci_workflows)

deny contains documents.finding(one.document, array.concat(one.path, ["image"]), "image", "is named by a tag, not by its digest", image, null) if {
	some one in workloads.containers(_manifests)
	image := one.spec.image
	not references.image_pinned(image)
}

# KServe's models take their image from a runtime; any other container names its own.
deny contains documents.finding(one.document, one.path, "image", "names no image", null, null) if {
	some one in workloads.containers(_manifests)
	is_number(one.path[count(one.path) - 1])
	named := {image | image := one.spec.image}
	count(named) == 0
}

deny contains documents.finding(document, path, "model", "names a model that can change under its address", address, null) if {
	some document in _manifests
	references.has_models(document.content)
	walk(document.content, [path, address])
	references.of_model(path, address)
	not references.model_pinned(address)
}

deny contains documents.finding(one.document, one.path, one.kind, "is named by a tag or branch, not by its digest", one.name, null) if {
	some one in workflows.taken(_workflows)
	kind := one.kind
	name := one.name
	not references.taken_pinned(kind, name)
}

insufficient contains documents.finding(document, path, "opaque", words, null, null) if {
	some [document, path, words] in workflows.opaque(_workflows)
}

insufficient contains found if some found in documents.unread(input.evidence.deployment_manifests)

insufficient contains found if some found in documents.unread(input.evidence.ci_workflows)
