# METADATA
# scope: package
# title: A failing check fails its run
# description: >-
#   continue-on-error, allow_failure, `|| true` and `set +e` turn a red check green, and
#   nobody looks at green. They are refused everywhere in a workflow, because nobody can
#   tell from outside which step is a check; in a pipeline a gate may not be tolerated.
#   A step that really may fail is worth a waiver that names it.
# custom:
#   id: PIP-003
#   severity: critical
#   evidence: [ci_workflows, pipeline_graph]
#   waivable: [fail]
#   controls: ["nist-800-53:cm-6", "nist-800-53:cm-3"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Let the command fail. Where an exit code means something else, test for that code
#     and fail for all others.
package promotion.rules.pipeline.gates_cannot_be_masked

import data.promotion.lib.documents
import data.promotion.lib.workflows

_workflows := documents.all(input.evidence.ci_workflows)

_pipelines := documents.all(input.evidence.pipeline_graph)

deny contains documents.finding(part.document, part.path, member, "goes on when it failed", value, null) if {
	some part in workflows.parts(_workflows)
	some member in ["continue-on-error", "allow_failure"]
	value := part.spec[member]
	value != false
}

deny contains documents.finding(script.document, script.path, "masked", words, mask, null) if {
	some script in workflows.scripts(_workflows)
	some mask in workflows.masks(script.text)
	words := sprintf("hides a failure: %s", [mask])
}

deny contains documents.finding(document, path, "masked", words, mask, null) if {
	some document in _pipelines
	walk(document.content, [path, text])
	is_string(text)
	some mask in workflows.masks(text)
	words := sprintf("hides a failure: %s", [mask])
}

deny contains finding if {
	some statement in input.evidence.pipeline_graph
	some pipeline in statement.result.graphs
	some task in pipeline.tasks
	task.step != "other"
	task.tolerated == true
	finding := {
		"key": sprintf("%s/%s/%s=tolerated", [pipeline.at, pipeline.name, task.id]),
		"message": sprintf("%s %s/%s may fail without effect", [pipeline.at, pipeline.name, task.id]),
		"observed": task.step,
		"limit": null,
	}
}

insufficient contains documents.finding(document, path, "opaque", words, null, null) if {
	some [document, path, words] in workflows.opaque(_workflows)
}

insufficient contains found if some found in documents.unread(input.evidence.ci_workflows)

insufficient contains found if some found in documents.unread(input.evidence.pipeline_graph)
