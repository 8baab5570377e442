# METADATA
# scope: package
# title: No path leads to promotion around a gate
# description: >-
#   A gate that is only usual is none: trigger rules such as all_done, conditions, loops
#   over nothing, hooks and exit handlers start a task although its gate failed or never
#   ran. For each task that promotes it is shown which others must have succeeded before,
#   whichever way was taken, and a scan, an evaluation, a signature and an approval must
#   be among them, each unable to be skipped or to fail without effect.
# custom:
#   id: PIP-002
#   severity: critical
#   evidence: [pipeline_graph]
#   waivable: []
#   why_not: A promotion that can go around its gates makes every other verdict worthless.
#   controls: ["nist-800-53:cm-3", "nist-800-53:cm-3.2"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Let the promoting task depend on the success of each gate, without condition, loop or
#     tolerance; move it out of hooks and exit handlers. Say what a task is with
#     `--step NAME=scan` where its name does not.
package promotion.rules.pipeline.promotion_behind_every_gate

import data.promotion.lib.documents
import data.promotion.lib.pipelines

_gates := {"scan", "evaluate", "sign", "approve"}

_pipelines := [pipeline |
	some statement in input.evidence.pipeline_graph
	some pipeline in statement.result.graphs
]

deny contains _finding(pipeline, task.id, gate, words, task.id) if {
	some pipeline in _pipelines
	some task in pipeline.tasks
	task.step == "promote"
	some gate in _gates
	id := task.id
	not pipelines.gated(pipeline, id, gate)
	words := sprintf("can be reached around %s", [_words[gate]])
}

insufficient contains _finding(pipeline, "", "empty", "has no task", null) if {
	some pipeline in _pipelines
	count(pipeline.tasks) == 0
}

insufficient contains {"key": "none", "message": "no pipeline here promotes anything", "observed": null, "limit": null} if {
	promoting := {task.id | some pipeline in _pipelines; some task in pipeline.tasks; task.step == "promote"}
	count(promoting) == 0
}

insufficient contains found if some found in documents.unread(input.evidence.pipeline_graph)

_words := {"scan": "a scan", "evaluate": "an evaluation", "sign": "a signature", "approve": "an approval"}

_finding(pipeline, id, what, words, observed) := {
	"key": sprintf("%s/%s/%s=%s", [pipeline.at, pipeline.name, id, what]),
	"message": sprintf("%s %s/%s %s", [pipeline.at, pipeline.name, id, words]),
	"observed": observed,
	"limit": null,
}
