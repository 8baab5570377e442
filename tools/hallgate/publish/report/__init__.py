"""Decisions, plans and explanations as text that people and machines read.

render_plan and render_explanation live in the modules plan and explain, which
`hallgate decide` need not load.
"""

from hallgate.publish.report.render import FORMATS, render
from hallgate.publish.report.view import DecisionView

__all__ = ["FORMATS", "DecisionView", "render"]
