"""`hallgate new`: a policy or scenario to fill in."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from hallgate.cli.wiring import now
from hallgate.cli.writing import write_fresh
from hallgate.decide.policies import read_sources
from hallgate.intake.repository import Repository
from hallgate.intake.rfc3339 import text as rfc3339
from hallgate.model.errors import UsageError

EXAMPLES = """examples:
  hallgate new policy FAIR-007 fairness calibration_stable --title "Scores mean the same"
  hallgate new scenario finance denied-thin-group

A waiver is started by `hallgate waiver new`. Nothing is overwritten. What is written
does not pass `hallgate check` until it is filled in: a form that passes unread would
be worse than none."""

_POLICY = """# METADATA
# scope: package
# title: {title}
# description: >-
#   FILL IN why this policy exists, in one paragraph.
# custom:
#   id: {id}
#   severity: high
#   evidence: []
#   waivable: []
#   why_not: FILL IN why no finding may be waived, or list what may be
#   controls: []
#   effective_from: "{today}"
#   remediation: FILL IN what the author should do.
package promotion.rules.{family}.{name}

import data.promotion.lib.tiers

limits := {{"low": 0, "medium": 0, "high": 0}}

deny contains finding if {{
	some report in input.evidence.FILL_IN
	report.result.observed > limits[tiers.effective]
	finding := {{
		"key": "FILL IN",
		"message": "FILL IN what is wrong",
		"observed": report.result.observed,
		"limit": limits[tiers.effective],
	}}
}}
"""

_FAMILY = """# METADATA
# scope: subpackages
# title: {family}
# description: FILL IN what the policies of this family hold together.
# custom:
#   owner: fill-in
package promotion.rules.{family}
"""

_TEST = """package promotion.rules.{family}.{name}_test

import data.promotion.rules.{family}.{name} as policy

test_allow_on_the_limit if {{
	policy.deny == set() with input as {{}}
}}

test_deny_one_above_the_limit if {{
	policy.deny == {{"FILL IN the whole finding"}} with input as {{}}
}}
"""

_SCENARIO = """title: FILL IN a sentence that says what happens
base: {sector}
proves: []
change:
  evidence: {{}}
expect:
  allowed: false
  tier: high
  verdicts:
    FILL-IN: {{outcome: fail, findings: []}}
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the forms."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="FORM")
    policy = forms.add_parser("policy", help="a policy with its test")
    policy.add_argument("id", metavar="ID", help="as FAIR-007; never one that was used before")
    policy.add_argument("family", help="folder of the family, as fairness")
    policy.add_argument("name", help="the claim that holds, as calibration_stable")
    policy.add_argument("--title", required=True, help="the claim in words")
    scenario = forms.add_parser("scenario", help="a scenario")
    scenario.add_argument("sector", help="finance, healthcare, government …")
    scenario.add_argument("name", help="<outcome>-<what>")
    for form in (policy, scenario):
        form.add_argument("--repository", type=Path, metavar="DIR")


def run(options: argparse.Namespace) -> int:
    """Write the form and say where it is."""
    repository = Repository.find(options.repository or Path.cwd())
    today = rfc3339(now())
    if options.form == "policy":
        written = _policy(repository, options, today)
    else:
        path = repository.root / "tests/scenarios" / options.sector / f"{options.name}.yaml"
        written = [write_fresh(path, _SCENARIO.format(sector=options.sector))]
    for path in written:
        sys.stdout.write(f"{path}\n")
    return 0


def _policy(repository: Repository, options: argparse.Namespace, today: str) -> list[Path]:
    for text, form in ((options.family, "[a-z][a-z_]*"), (options.name, "[a-z][a-z0-9_]*")):
        _matches(text, form)
    _matches(options.id, "[A-Z]{3,4}-[0-9]{3}")
    taken = f"id: {options.id}\n".encode()
    for path, data in read_sources(repository.policies).items():
        if taken in data:
            raise UsageError(f"{options.id} is taken by {path}", remedy="take the next number")
    folder = repository.policies / "rules" / options.family / options.name
    values = {
        "id": options.id, "family": options.family, "name": options.name,
        "title": options.title, "today": today,
    }  # fmt: skip
    family = folder.parent / f"{options.family}.rego"
    return [
        *([] if family.exists() else [write_fresh(family, _FAMILY.format(**values))]),
        write_fresh(folder / f"{options.name}.rego", _POLICY.format(**values)),
        write_fresh(folder / f"{options.name}_test.rego", _TEST.format(**values)),
    ]


def _matches(text: str, form: str) -> None:
    if not re.fullmatch(form, text):
        raise UsageError(
            f"{text!r} does not have the form {form}", remedy="see hallgate new --help"
        )
