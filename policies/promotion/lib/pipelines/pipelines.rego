# METADATA
# title: Pipelines as graphs
# description: >-
#   What must have succeeded before a task starts. A start has alternatives; certain is what
#   all of them need, themselves or through tasks with one way to start. Alternatives behind
#   alternatives count for nothing, which shows a way around too many and never one too few.
package promotion.lib.pipelines

# METADATA
# description: Ids of the tasks that must have come before a task, whichever way it started.
before(pipeline, id) := graph.reachable(certain, certain[id]) if certain := _certain(pipeline)

_certain(pipeline) := {task.id: needed |
	some task in pipeline.tasks
	needed := intersection({graph.reachable(_sole(pipeline), {id | some id in start}) | some start in task.starts})
}

_sole(pipeline) := {task.id: _only(task.starts) | some task in pipeline.tasks}

_only(starts) := {id | some id in starts[0]} if count(starts) == 1

else := set()

# METADATA
# description: >-
#   Whether a gate of this kind holds before a task: it comes before whichever way is taken,
#   and nothing goes on when it failed or did not run.
gated(pipeline, id, step) if {
	ids := before(pipeline, id)
	some task in pipeline.tasks
	task.id in ids
	task.step == step
	task.skippable == false
	task.tolerated == false
}
